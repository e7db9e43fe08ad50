import { type KubeObject, title } from '../kubectl/kubectl.ts';

interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
}

export type Node = KubeObject<unknown, { conditions?: Condition[] }>;

/** A Deployment, StatefulSet or DaemonSet, whose statuses count the same things under different names; or a Job. */
export type Workload = KubeObject<
  { replicas?: number; selector?: { matchLabels?: Record<string, string> } },
  {
    observedGeneration?: number;
    conditions?: Condition[];
    updatedReplicas?: number;
    availableReplicas?: number;
    desiredNumberScheduled?: number;
    updatedNumberScheduled?: number;
    numberAvailable?: number;
  }
>;

interface ContainerState {
  running?: object;
  waiting?: { reason?: string; message?: string };
  terminated?: { reason?: string; message?: string; exitCode?: number };
}

interface ContainerStatus {
  name: string;
  ready?: boolean;
  restartCount?: number;
  state?: ContainerState;
  lastState?: ContainerState;
}

export type Pod = KubeObject<
  unknown,
  {
    phase?: string;
    conditions?: Condition[];
    initContainerStatuses?: ContainerStatus[];
    containerStatuses?: ContainerStatus[];
  }
>;

export type Event = KubeObject & {
  type?: string;
  reason?: string;
  message?: string;
  lastTimestamp?: string | null;
  eventTime?: string | null;
  involvedObject?: { kind?: string; namespace?: string; name?: string };
};

export const workloadKinds = ['Deployment', 'StatefulSet', 'DaemonSet'];

/** Why a rollout is not finished, as `kubectl rollout status` reckons it, or a Job not done; undefined when it is. */
export function unfinished({ kind, metadata, spec, status = {} }: Workload): string | undefined {
  if (kind === 'Job') return isComplete(status.conditions) ? undefined : 'it has not come to its end';
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) return 'its rollout has not begun';
  const wanted = status.desiredNumberScheduled ?? spec?.replicas ?? 1;
  const updated = status.updatedNumberScheduled ?? status.updatedReplicas ?? 0;
  if (updated < wanted) return `${updated} of ${wanted} pods are of the new version`;
  const available = status.numberAvailable ?? status.availableReplicas ?? 0;
  if (available < wanted) return `${available} of ${wanted} pods are available`;
  return undefined;
}

const isComplete = (conditions: Condition[] = []): boolean =>
  conditions.some(({ type, status }) => type === 'Complete' && status === 'True');

export const isReady = ({ status }: Node | Pod): boolean =>
  (status?.conditions ?? []).some(each => each.type === 'Ready' && each.status === 'True');

/** What a node or a workload says of itself. */
export const complaints = (conditions: Condition[] = [], good: readonly string[]): string[] =>
  conditions
    .filter(({ type, status }) =>
      good.includes(type) ? status !== 'True' : /Failure$|^Failed$/.test(type) && status === 'True',
    )
    .map(({ type, reason, message }) => sentence(reason ?? type, message));

/**
 * Why a workload's pods do not come up: what its controller says, what each pod waits for, and the last warnings about
 * them.
 */
export function explainWorkload(
  workload: Workload,
  pods: readonly Pod[],
  events: readonly Event[],
): string[] {
  const found = failing(workload, pods);
  return [
    ...complaints(workload.status?.conditions, ['Available', 'Progressing']),
    ...found.slice(0, mostPods).flatMap(explainPod),
    ...warnings([workload, ...found], events),
  ];
}

const mostPods = 3;

/** A workload's pods that are not ready. */
function failing({ metadata, spec }: Workload, pods: readonly Pod[]): Pod[] {
  const labels = Object.entries(spec?.selector?.matchLabels ?? {});
  return pods.filter(
    pod =>
      pod.metadata.namespace === metadata.namespace &&
      labels.length > 0 &&
      labels.every(([key, value]) => pod.metadata.labels?.[key] === value) &&
      !isReady(pod),
  );
}

export interface Troubled {
  pod: Pod;
  container: string;
  /** It has been started again since: what it wrote before it ended is what tells. */
  previous: boolean;
}

/** The containers of a workload that have ended, or run and do not get ready, each in one pod: their logs may say why. */
export function troubled(workload: Workload, pods: readonly Pod[]): Troubled[] {
  const found = new Map<string, Troubled>();
  for (const pod of failing(workload, pods))
    for (const { name, ready, state, restartCount = 0 } of containers(pod)) {
      const previous = restartCount > 0 && !hasFailed(state);
      if (ready || found.has(name) || !(state?.running || hasFailed(state) || previous)) continue;
      found.set(name, { pod, container: name, previous });
    }
  return [...found.values()];
}

const hasFailed = (state?: ContainerState): boolean => (state?.terminated?.exitCode ?? 0) !== 0;

const containers = ({ status }: Pod): ContainerStatus[] => [
  ...(status?.initContainerStatuses ?? []),
  ...(status?.containerStatuses ?? []),
];

/** Whether any of its containers has ever run. */
export const hasBegun = (pod: Pod): boolean =>
  containers(pod).some(
    ({ state, lastState, restartCount = 0 }) =>
      state?.running || state?.terminated || lastState?.terminated || restartCount > 0,
  );

export function explainPod(pod: Pod): string[] {
  const reasons = [
    ...complaints(pod.status?.conditions, ['PodScheduled']),
    ...containers(pod)
      .filter(({ ready }) => !ready)
      .flatMap(explainContainer),
  ];
  const why = reasons.length > 0 ? reasons.join('; ') : `${pod.status?.phase ?? 'not started'}, not ready`;
  return [`${title(pod)}: ${why}`];
}

function explainContainer({ name, restartCount, state, lastState }: ContainerStatus): string[] {
  const ended = state?.terminated ?? lastState?.terminated;
  const words = [
    state?.waiting && sentence(state.waiting.reason ?? 'waiting', state.waiting.message),
    // An init container that has done its work ends with 0.
    ended?.exitCode && sentence(`ended with exit code ${ended.exitCode} (${ended.reason})`, ended.message),
    restartCount ? `${restartCount} restarts` : undefined,
  ].filter(Boolean);
  return words.length > 0 ? [`container ${name} ${words.join(', ')}`] : [];
}

/** The last three warnings about these objects, the same words once. */
export function warnings(objects: readonly KubeObject[], events: readonly Event[]): string[] {
  const about = new Set(objects.map(title));
  const time = (event: Event) =>
    event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? '';
  const texts = events
    .filter(({ type, involvedObject: { kind, namespace, name } = {} }) => {
      if (type !== 'Warning' || !kind || !name) return false;
      return about.has(title({ apiVersion: '', kind, metadata: { name, ...(namespace && { namespace }) } }));
    })
    .sort((a, b) => time(a).localeCompare(time(b)))
    .map(({ reason = 'Warning', message }) => `event ${sentence(reason, message)}`);
  return [...new Set(texts)].slice(-3);
}

const sentence = (reason: string, message?: string): string =>
  message ? `${reason}: ${message.trim().replace(/\s+/g, ' ')}` : reason;

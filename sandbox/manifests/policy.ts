import { at, groupOf, type KubernetesObject } from '../argocd/object.ts';

/** Something that a rule does not allow: `Deployment shop/ui: …`. */
export interface Violation {
  rule: string;
  object: string;
  message: string;
}

type Rule = (object: KubernetesObject, all: readonly KubernetesObject[]) => string[];

/**
 * Holds objects to the platform's rules, one function a rule.
 * @param objects of a whole environment, each with its namespace
 */
export const violations = (objects: readonly KubernetesObject[]): Violation[] =>
  Object.entries(rules).flatMap(([rule, check]) =>
    objects.flatMap(object =>
      check(object, objects).map(message => ({ rule, object: title(object), message })),
    ),
  );

export const title = ({ kind, metadata: { namespace, name } }: KubernetesObject): string =>
  `${kind} ${namespace ? `${namespace}/` : ''}${name}`;

interface Container {
  name: string;
  image?: string;
  ports?: { hostPort?: number }[];
  securityContext?: Security;
  resources?: { requests?: Amounts; limits?: Amounts };
  readinessProbe?: object;
  livenessProbe?: object;
}

interface Security {
  privileged?: boolean;
  allowPrivilegeEscalation?: boolean;
  readOnlyRootFilesystem?: boolean;
  runAsNonRoot?: boolean;
  runAsUser?: number;
  seccompProfile?: { type?: string };
  capabilities?: { drop?: string[]; add?: string[] };
}

type Amounts = { cpu?: string; memory?: string };

interface Pod {
  containers: Container[];
  initContainers?: Container[];
  volumes?: { hostPath?: object }[];
  hostNetwork?: boolean;
  hostPID?: boolean;
  hostIPC?: boolean;
  securityContext?: Security;
  topologySpreadConstraints?: object[];
  affinity?: { podAntiAffinity?: object };
}

const servers = ['Deployment', 'StatefulSet', 'DaemonSet'];

function podOf(object: KubernetesObject): Pod | undefined {
  if (object.kind === 'Pod') return object.spec as Pod;
  if (object.kind === 'CronJob') return at(object, 'spec', 'jobTemplate', 'spec', 'template', 'spec') as Pod;
  if ([...servers, 'Job'].includes(object.kind)) return at(object, 'spec', 'template', 'spec') as Pod;
  return undefined;
}

/** A rule about every container, init containers too; `says` is what is wrong with one, or nothing. */
const ofContainers =
  (says: (container: Container, pod: Pod, object: KubernetesObject) => string | false | undefined): Rule =>
  object => {
    const pod = podOf(object);
    if (!pod) return [];
    return [...pod.containers, ...(pod.initContainers ?? [])].flatMap(container => {
      const wrong = says(container, pod, object);
      return wrong ? [`container ${container.name} ${wrong}`] : [];
    });
  };

const when = (wrong: unknown, message: string): string[] => (wrong ? [message] : []);

const labelsOf = (object: KubernetesObject): Record<string, string> =>
  (at(object, 'spec', 'template', 'metadata', 'labels') ?? {}) as Record<string, string>;

/** By `matchLabels` alone, which is all that is written here. One that names nothing means everything, and is nobody's. */
const selects = (selector: unknown, labels: Record<string, string>): boolean => {
  const wanted = Object.entries((at(selector, 'matchLabels') ?? {}) as Record<string, string>);
  return wanted.length > 0 && wanted.every(([name, value]) => labels[name] === value);
};

/** How many there are at least: what the autoscaler says, if there is one. */
function replicas(object: KubernetesObject, all: readonly KubernetesObject[]): number {
  const scaler = all.find(
    ({ kind, metadata, spec }) =>
      kind === 'HorizontalPodAutoscaler' &&
      metadata.namespace === object.metadata.namespace &&
      at(spec, 'scaleTargetRef', 'kind') === object.kind &&
      at(spec, 'scaleTargetRef', 'name') === object.metadata.name,
  );
  return Number(at(scaler, 'spec', 'minReplicas') ?? at(object, 'spec', 'replicas') ?? 1);
}

/** `name:tag`, `name@sha256:…`; a colon before the last slash is a registry's port. */
const fixed = (image = ''): boolean =>
  /@sha256:[0-9a-f]{64}$/.test(image) || /:(?!latest$)[\w][\w.-]*$/.test(image.split('/').at(-1) ?? '');

// Argo CD applies whatever git says, so its controller may do everything; its server shows whatever there is.
const administrators = ['argocd-application-controller', 'argocd-server'];
const wildcard = (rule: unknown): boolean =>
  ['apiGroups', 'resources', 'verbs'].filter(field => ((at(rule, field) ?? []) as string[]).includes('*'))
    .length > 1;

export const rules = {
  'no privilege': ofContainers(
    ({ securityContext: own }) =>
      (own?.privileged && 'is privileged') ||
      (own?.allowPrivilegeEscalation !== false && 'does not forbid privilege escalation'),
  ),
  'no root': ofContainers(
    ({ securityContext: own }, { securityContext: pod }) =>
      ((own?.runAsNonRoot ?? pod?.runAsNonRoot) !== true && 'may run as root') ||
      ((own?.runAsUser ?? pod?.runAsUser) === 0 && 'runs as root'),
  ),
  'no capabilities': ofContainers(
    ({ securityContext: own }) =>
      (!own?.capabilities?.drop?.includes('ALL') && 'does not drop ALL capabilities') ||
      ((own?.capabilities?.add?.length ?? 0) > 0 && 'adds capabilities'),
  ),
  seccomp: ofContainers(
    ({ securityContext: own }, { securityContext: pod }) =>
      (own?.seccompProfile ?? pod?.seccompProfile)?.type !== 'RuntimeDefault' &&
      'has not the seccomp profile RuntimeDefault',
  ),
  'read-only root': ofContainers(
    ({ securityContext: own }) => own?.readOnlyRootFilesystem !== true && 'may write to its root file system',
  ),
  'a fixed image': ofContainers(({ image }) => !fixed(image) && `has the image ${image}, which moves`),
  'requests and limits': ofContainers(({ resources = {} }) => {
    const { requests, limits } = resources;
    const there = [requests?.cpu, requests?.memory, limits?.cpu, limits?.memory].every(Boolean);
    return !there && 'has not all of its requests and limits';
  }),
  probes: ofContainers(
    (container, pod, { kind }) =>
      servers.includes(kind) &&
      pod.containers.includes(container) &&
      !(container.readinessProbe && container.livenessProbe) &&
      'has not both probes',
  ),
  'nothing of the host': object => {
    const pod = podOf(object);
    const ports = pod?.containers.flatMap(({ ports = [] }) => ports) ?? [];
    return [
      ...when(pod?.hostNetwork || pod?.hostPID || pod?.hostIPC, 'shares a namespace of the host'),
      ...when(
        pod?.volumes?.some(({ hostPath }) => hostPath),
        'mounts a folder of the host',
      ),
      ...when(
        ports.some(({ hostPort }) => hostPort),
        'takes a port of the host',
      ),
    ];
  },
  'several have a budget and are spread': (object, all) => {
    const pod = podOf(object);
    if (!pod || !servers.includes(object.kind) || replicas(object, all) < 2) return [];
    const budget = all.some(
      ({ kind, metadata, spec }) =>
        kind === 'PodDisruptionBudget' &&
        metadata.namespace === object.metadata.namespace &&
        selects(at(spec, 'selector'), labelsOf(object)) &&
        Number(at(spec, 'maxUnavailable') ?? 0) >= 1,
    );
    const spread = pod.topologySpreadConstraints ?? pod.affinity?.podAntiAffinity;
    return [
      ...when(!budget, 'has no PodDisruptionBudget that lets one go at a time'),
      ...when(!spread, 'is not spread over the nodes'),
    ];
  },
  'what takes others with it stays': ({ kind, metadata: { annotations } }) => {
    const options = annotations?.['argocd.argoproj.io/sync-options']?.split(',') ?? [];
    const stays = ['Delete=false', 'Prune=false'].every(option => options.includes(option));
    return when(
      ['Namespace', 'CustomResourceDefinition'].includes(kind) && !stays,
      'may be deleted by Argo CD, with all that is in it or of its kind',
    );
  },
  'a namespace closes itself': (object, all) => {
    if (object.kind !== 'Namespace') return [];
    const { name } = object.metadata;
    const labels = (at(object, 'metadata', 'labels') ?? {}) as Record<string, string>;
    const denied = all.some(
      ({ kind, metadata, spec }) =>
        kind === 'NetworkPolicy' &&
        metadata.namespace === name &&
        Object.keys((at(spec, 'podSelector') ?? {}) as object).length === 0 &&
        ['Ingress', 'Egress'].every(each => ((at(spec, 'policyTypes') ?? []) as string[]).includes(each)) &&
        at(spec, 'ingress') === undefined &&
        at(spec, 'egress') === undefined,
    );
    return [
      ...when(!denied, 'has no NetworkPolicy that denies everything'),
      ...when(
        labels['pod-security.kubernetes.io/enforce'] !== 'restricted',
        'does not enforce Pod Security restricted',
      ),
    ];
  },
  'no secret in git': object =>
    when(
      object.kind === 'Secret' && (object.data !== undefined || object.stringData !== undefined),
      'has its values in git',
    ),
  'no load balancer of its own': object =>
    when(
      object.kind === 'Service' && at(object, 'spec', 'type') === 'LoadBalancer',
      'is of type LoadBalancer, which Terraform would not know of',
    ),
  'no administrators': object => {
    const { name } = object.metadata;
    if (groupOf(object.apiVersion) !== 'rbac.authorization.k8s.io' || administrators.includes(name))
      return [];
    const granted = ((at(object, 'rules') ?? []) as unknown[]).some(wildcard);
    return [
      ...when(granted, 'may do everything to everything'),
      ...when(at(object, 'roleRef', 'name') === 'cluster-admin', 'makes a cluster-admin'),
    ];
  },
} satisfies Record<string, Rule>;

import { setTimeout as sleep } from 'node:timers/promises';
import type { Operation, OperationState, ResourceResult } from './application.ts';
import { ApiError, type Cluster, pathOf } from './cluster.ts';
import type { Item } from './compare.ts';
import type { Differ } from './differ.ts';
import { healthOf } from './health.ts';
import { runHooks } from './hooks.ts';
import type { Live } from './live.ts';
import {
  at,
  groupOf,
  hasOption,
  type KubernetesObject,
  key,
  reference,
  syncOptions,
  versionOf,
  wave,
} from './object.ts';
import { notPermitted, type Project } from './project.ts';

export interface Context {
  cluster: Cluster;
  live: Live;
  differ: Differ;
  project: Project;
  signal: AbortSignal;
}

export interface Outcome {
  phase: Extract<OperationState['phase'], 'Succeeded' | 'Failed'>;
  message: string;
  resources: ResourceResult[];
}

interface Task {
  item: Item;
  /** What is applied, or what is pruned. */
  object: KubernetesObject;
  prunes: boolean;
  wave: number;
  result?: ResourceResult;
  /** The cluster had nothing to do for it: it was applied as it stood. */
  unchanged?: boolean;
}

/**
 * Argo CD gives controllers two seconds to notice a change before it looks at health; here they are next door, and where
 * nothing was changed there is nothing to notice.
 */
const delayBetweenWaves = 300;

/**
 * Runs the hooks, and makes the cluster what the targets say, wave by wave; each wave waits until the one before is healthy, the last is not
 * waited for.
 * @param hooks which a sync of chosen resources leaves out
 * @param progress called when the operation starts to wait for something else
 */
export async function sync(
  context: Context,
  items: Item[],
  hooks: KubernetesObject[],
  { prune = false, syncOptions: options = [], resources }: Operation['sync'],
  progress: (message: string, resources: ResourceResult[]) => Promise<void>,
): Promise<Outcome> {
  const tasks = order(items.filter(item => !resources || chosen(item, resources)).map(task), options);
  const before: ResourceResult[] = [];
  const results = () => [...before, ...tasks.flatMap(({ result }) => result ?? [])];
  const end = (phase: Outcome['phase'], message: string) => ({ phase, message, resources: results() });

  for (const each of tasks) {
    const problem = invalid(context.project, each, tasks);
    if (problem) each.result = resultOf(each, 'SyncFailed', problem);
  }
  if (results().length > 0) return end('Failed', 'one or more synchronization tasks are not valid');

  const ran = await runHooks(context, resources ? [] : hooks, progress);
  before.push(...ran.results);
  if (ran.problem) return end('Failed', ran.problem);

  const waves = [...new Set(tasks.map(each => each.wave))];
  for (const [index, current] of waves.entries()) {
    const now = tasks.filter(each => each.wave === current);
    await atOnce(
      now.filter(({ prunes }) => prunes),
      each => remove(context, each, prune),
    );
    const applied = now.filter(({ prunes }) => !prunes);
    for (const kind of new Set(applied.map(({ object }) => object.kind))) {
      await atOnce(
        applied.filter(({ object }) => object.kind === kind),
        each => apply(context, each),
      );
    }
    const failed = now.filter(({ result }) => result?.status === 'SyncFailed');
    if (failed.length > 0) {
      const reasons = failed.map(({ result }) => result?.message).join(',');
      return end('Failed', `one or more objects failed to apply, reason: ${reasons}`);
    }
    if (index === waves.length - 1) break;

    if (!now.every(({ unchanged }) => unchanged))
      await sleep(delayBetweenWaves, undefined, { signal: context.signal });
    for (let told = ''; ; await sleep(100, undefined, { signal: context.signal })) {
      const degraded = now.find(each => healthNow(context.live, each)?.status === 'Degraded');
      if (degraded) return end('Failed', 'one or more synchronization tasks completed unsuccessfully');
      const [first, ...more] = now.filter(each => !isDone(context.live, each));
      if (!first) break;
      const message = waitingFor(first, more.length);
      if (message !== told) await progress(message, results());
      told = message;
    }
  }
  return end(
    'Succeeded',
    waves.length > 0 ? 'successfully synced (all tasks run)' : 'successfully synced (no more tasks)',
  );
}

const chosen = (
  { target, live }: Item,
  resources: { group: string; kind: string; name: string }[],
): boolean => {
  const { group, kind, name } = reference((target ?? live) as KubernetesObject);
  return resources.some(each => each.group === group && each.kind === kind && each.name === name);
};

const atOnce = (tasks: Task[], work: (task: Task) => Promise<ResourceResult>) =>
  Promise.all(
    tasks.map(async each => {
      each.result = await work(each);
    }),
  );

function task(item: Item): Task {
  const object = (item.target ?? item.live) as KubernetesObject;
  return { item, object, prunes: !item.target, wave: wave(object) };
}

/** https://github.com/argoproj/gitops-engine/blob/master/pkg/sync/sync_tasks.go: custom resources come after all of these. */
const kinds = [
  'Namespace NetworkPolicy ResourceQuota LimitRange PodSecurityPolicy PodDisruptionBudget ServiceAccount Secret SecretList',
  'ConfigMap StorageClass PersistentVolume PersistentVolumeClaim CustomResourceDefinition ClusterRole ClusterRoleList',
  'ClusterRoleBinding ClusterRoleBindingList Role RoleList RoleBinding RoleBindingList Service DaemonSet Pod',
  'ReplicationController ReplicaSet Deployment HorizontalPodAutoscaler StatefulSet Job CronJob IngressClass Ingress',
  'APIService',
].flatMap(line => line.split(' '));

/** By wave, kind and name. What is pruned goes in reverse order of waves, or after everything else with `PruneLast`. */
function order(tasks: Task[], options: string[]): Task[] {
  const pruneWaves = [...new Set(tasks.filter(({ prunes }) => prunes).map(each => each.wave))].sort(
    (a, b) => a - b,
  );
  const reversed = new Map(pruneWaves.map((each, index) => [each, pruneWaves.at(-1 - index) ?? each]));
  const afterAll = Math.max(0, ...tasks.map(each => each.wave)) + 1;
  for (const each of tasks.filter(({ prunes }) => prunes)) {
    const last = options.includes('PruneLast=true') || hasOption(each.object, syncOptions, 'PruneLast=true');
    each.wave = last ? afterAll : (reversed.get(each.wave) ?? each.wave);
  }
  const rank = ({ object }: Task) => kinds.indexOf(object.kind) + 1 || kinds.length + 1;
  return tasks.sort(
    (a, b) =>
      a.wave - b.wave || rank(a) - rank(b) || (a.object.metadata.name < b.object.metadata.name ? -1 : 1),
  );
}

function invalid(project: Project, { item, object }: Task, tasks: Task[]): string | undefined {
  const { group, kind, namespace, name } = reference(object);
  if (item.kind) return notPermitted(project, { group, kind, namespace }, item.kind.namespaced);
  const defined = tasks.some(
    other =>
      other.object.kind === 'CustomResourceDefinition' &&
      at(other.object, 'spec', 'group') === group &&
      at(other.object, 'spec', 'names', 'kind') === kind,
  );
  if (defined) return undefined;
  return `The Kubernetes API could not find ${group}/${kind} for requested resource ${namespace}/${name}. Make sure the "${kind}" CRD is installed on the destination cluster.`;
}

async function apply({ cluster, live, differ, signal }: Context, each: Task): Promise<ResourceResult> {
  const { apiVersion, kind, metadata } = each.object;
  try {
    // Looked up again: the definition may have come earlier in this very sync.
    const served = each.item.kind ?? (await cluster.kind(apiVersion, kind));
    if (!served) throw new ApiError(404, 'the server could not find the requested resource');
    const path = pathOf(served, metadata.namespace, metadata.name);
    const before = live.get(key(each.object))?.metadata.resourceVersion;
    let applied = await cluster.apply(path, each.object, false);
    each.unchanged = applied.metadata.resourceVersion === before;
    await live.follow(served);
    live.store(applied);
    differ.applied(each.object, applied);
    while (kind === 'CustomResourceDefinition' && !established(applied)) {
      await sleep(100, undefined, { signal });
      applied = await cluster.get(path);
    }
    return resultOf(each, 'Synced', `${called(each.object)} serverside-applied`);
  } catch (error) {
    if (error instanceof ApiError) return resultOf(each, 'SyncFailed', error.message);
    throw error;
  }
}

async function remove({ cluster, live }: Context, each: Task, prune: boolean): Promise<ResourceResult> {
  const { metadata } = each.object;
  if (!prune) return resultOf(each, 'PruneSkipped', 'ignored (requires pruning)');
  if (hasOption(each.object, syncOptions, 'Prune=false'))
    return resultOf(each, 'PruneSkipped', 'ignored (no prune)');
  try {
    const leaving = live.get(key(each.object))?.metadata.deletionTimestamp !== undefined;
    if (each.item.kind && !leaving)
      await cluster.delete(pathOf(each.item.kind, metadata.namespace, metadata.name));
    return resultOf(each, 'Pruned', 'pruned');
  } catch (error) {
    if (error instanceof ApiError) return resultOf(each, 'SyncFailed', error.message);
    throw error;
  }
}

const established = (definition: KubernetesObject): boolean =>
  ((at(definition, 'status', 'conditions') ?? []) as { type: string; status: string }[]).some(
    ({ type, status }) => type === 'Established' && status === 'True',
  );

const healthNow = (live: Live, { object }: Task) => {
  const found = live.get(key(object));
  return found && healthOf(found);
};

function isDone(live: Live, each: Task): boolean {
  const there = live.get(key(each.object)) !== undefined;
  if (each.prunes) return !there || each.result?.status !== 'Pruned';
  return there && (healthNow(live, each)?.status ?? 'Healthy') === 'Healthy';
}

function waitingFor({ prunes, object }: Task, more: number): string {
  const { group, kind, name } = reference(object);
  const what = `waiting for ${prunes ? 'deletion' : 'healthy state'} of ${group}/${kind}/${name}`;
  return more > 0 ? `${what} and ${more} more ${prunes ? 'hooks' : 'resources'}` : what;
}

const called = ({ apiVersion, kind, metadata }: KubernetesObject): string =>
  `${[kind.toLowerCase(), groupOf(apiVersion)].filter(Boolean).join('.')}/${metadata.name}`;

const phases = {
  Synced: 'Running',
  SyncFailed: 'Failed',
  Pruned: 'Succeeded',
  PruneSkipped: 'Succeeded',
} as const;

const resultOf = ({ object }: Task, status: keyof typeof phases, message: string): ResourceResult => ({
  ...reference(object),
  version: versionOf(object.apiVersion),
  status,
  message,
  hookPhase: phases[status],
  syncPhase: 'Sync',
});

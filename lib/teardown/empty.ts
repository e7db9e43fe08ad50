import { type Application, applications } from '../cluster/application.ts';
import { climb, type Deadline, NotInTime, type Problem, type Rung } from '../cluster/ladder.ts';
import { type Kubectl, type KubeObject, title, unless } from '../kubectl/kubectl.ts';
import type { Runner } from '../runner/runner.ts';
import { billedContents, type Contents, listed } from './contents.ts';
import { isParent, waves } from './waves.ts';

/** Ends what Argo CD deploys while it can still clean up, and then all that makes Exoscale bill for more than nodes. */
export async function empty(
  runner: Runner,
  cluster: Kubectl,
  { applications: found, sets }: Contents,
  deadline: Deadline,
): Promise<void> {
  // An ApplicationSet makes its Applications sync again, and what deployed it brings it back: parents, sets, then the rest.
  for (const parent of found.filter(isParent)) await halt(cluster, [parent]);
  await deleteAll(cluster, 'applicationsets.argoproj.io', sets);
  await climb(runner, [halted(cluster)], deadline);
  for (const wave of waves(found)) {
    // An Application that manages itself waits for its own end when it cascades, and its children are gone by now.
    await abandon(cluster, wave.filter(isParent));
    await abandon(cluster, wave.filter(isElsewhere));
    for (const guest of wave.filter(isElsewhere)) {
      runner.warning(`${title(guest)} deploys to another cluster: what it has deployed there stays`);
    }
    await remove(runner, cluster, wave, deadline);
  }
  if (found.length > 0) runner.info(`Argo CD: ${found.length} Applications are gone`);
  await climb(runner, [released(cluster)], deadline);
}

/** Argo CD can deploy to clusters that are not this one: nothing there is ours to take down. */
const isElsewhere = ({ spec }: Application): boolean => {
  const { server, name } =
    (spec as { destination?: { server?: string; name?: string } } | undefined)?.destination ?? {};
  return server !== undefined
    ? server !== 'https://kubernetes.default.svc'
    : (name ?? 'in-cluster') !== 'in-cluster';
};

/** Nothing is synced any more, or Argo CD would deploy again what is deleted here. */
const halted = (cluster: Kubectl): Rung => ({
  name: 'Argo CD to stop syncing',
  async look() {
    const busy = (await listed(cluster)).filter(
      each => each.spec?.syncPolicy?.automated || each.operation || isSyncing(each),
    );
    // A parent that still syncs undoes what is done to its children.
    for (const parent of busy.filter(isParent)) await halt(cluster, [parent]);
    await halt(
      cluster,
      busy.filter(each => !isParent(each)),
    );
    return busy.map(each => ({ what: title(each), why: ['it was syncing or about to'] }));
  },
});

async function halt(cluster: Kubectl, all: readonly Application[]): Promise<void> {
  const stopped = { spec: { syncPolicy: { automated: null } }, operation: null };
  // Ends a running sync as `argocd app terminate-op` does: its retries could outlast what we wait for.
  const terminated = { ...stopped, status: { operationState: { phase: 'Terminating' } } };
  await change(cluster, all.filter(isSyncing), terminated);
  await change(
    cluster,
    all.filter(each => !isSyncing(each)),
    stopped,
  );
}

const isSyncing = ({ status }: Application): boolean => status?.operationState?.phase === 'Running';

async function remove(
  runner: Runner,
  cluster: Kubectl,
  wave: readonly Application[],
  deadline: Deadline,
): Promise<void> {
  const names = new Set(wave.map(title));
  const remaining = async () => (await listed(cluster)).filter(each => names.has(title(each)));
  const rung: Rung = {
    name: 'Argo CD to delete what it deployed',
    async look() {
      const left = await remaining();
      await deleteAll(cluster, applications, left);
      return left.map(each => ({ what: title(each), why: errors(each) }));
    },
  };
  try {
    await climb(runner, [rung], deadline);
  } catch (error) {
    if (!(error instanceof NotInTime)) throw error;
    for (const each of await remaining()) {
      await abandon(cluster, [each]);
      runner.warning(
        `Argo CD did not finish deleting ${title(each)} (${errors(each).join('; ')}): its finalizer was taken off, and what is left of it goes with the cluster`,
      );
    }
  }
}

/** Takes the finalizers of Applications off: they go, and what they have deployed stays. */
const abandon = (cluster: Kubectl, all: readonly Application[]): Promise<void> =>
  change(cluster, all, { metadata: { finalizers: null } });

/** Argo CD may be done with an Application between a look and a write. */
async function change(cluster: Kubectl, all: readonly Application[], patch: object): Promise<void> {
  for (const [namespace, names] of byNamespace(all))
    await unless('NotFound', cluster.patch(applications, names, patch, namespace), undefined);
}

const errors = ({ status }: Application): string[] => {
  const found = (status?.conditions ?? []).filter(({ type }) => type.endsWith('Error'));
  return found.length > 0 ? found.map(({ type, message }) => `${type}: ${message}`) : ['it is being deleted'];
};

type Pod = KubeObject<{ volumes?: { persistentVolumeClaim?: { claimName: string } }[] }>;

/** No load balancer and no volume that the cluster has made: both outlive it and are billed for ever. */
const released = (cluster: Kubectl): Rung => ({
  name: 'load balancers and volumes to be given back',
  async look() {
    const { balancers, claims, volumes } = await billedContents(cluster);
    await deleteAll(cluster, 'services', balancers);
    await deleteAll(cluster, 'persistentvolumeclaims', claims);
    const pods = claims.length > 0 ? await cluster.list<Pod>('pods') : [];
    const users = pods.filter(pod => claims.some(claim => uses(pod, claim)));
    await deleteAll(cluster, 'pods', users); // a claim stays as long as a pod uses it
    // With the policy Retain a volume is meant to outlive its claim: it is named at the end.
    const bound = volumes.filter(
      ({ spec }) => spec?.claimRef && spec.persistentVolumeReclaimPolicy === 'Delete',
    );
    return [
      ...balancers.map(each => waiting(each)),
      ...claims.map(each => waiting(each, users.filter(pod => uses(pod, each)).map(title))),
      ...bound.map(each => waiting(each)),
    ];
  },
});

const uses = ({ metadata, spec }: Pod, claim: KubeObject): boolean =>
  metadata.namespace === claim.metadata.namespace &&
  (spec?.volumes ?? []).some(
    ({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === claim.metadata.name,
  );

function waiting(object: KubeObject, users: string[] = []): Problem {
  const { finalizers = [] } = object.metadata;
  const why = [
    ...(users.length > 0 ? [`it is used by ${users.join(', ')}: delete what makes these pods`] : []),
    ...(finalizers.length > 0 ? [`it waits for ${finalizers.join(', ')}`] : []),
  ];
  return { what: title(object), why: why.length > 0 ? why : ['it is being deleted'] };
}

async function deleteAll(cluster: Kubectl, resource: string, objects: readonly KubeObject[]): Promise<void> {
  const staying = objects.filter(({ metadata }) => !metadata.deletionTimestamp);
  for (const [namespace, names] of byNamespace(staying)) await cluster.delete(resource, names, namespace);
}

/** Their names, by the namespace in which one command reaches them all. */
const byNamespace = (objects: readonly KubeObject[]): [string | undefined, string[]][] =>
  [...Map.groupBy(objects, ({ metadata }) => metadata.namespace)].map(([namespace, found]) => [
    namespace,
    found.map(({ metadata }) => metadata.name),
  ]);

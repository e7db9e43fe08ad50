import { expect, test } from 'vitest';
import type { Deadline } from '../cluster/ladder.ts';
import { type Kubectl, type KubeObject, KubernetesError } from '../kubectl/kubectl.ts';
import type { Runner } from '../runner/runner.ts';
import { contents, volumeIds } from './contents.ts';
import { empty } from './empty.ts';

const applications = 'applications.argoproj.io';
const cascade = ['resources-finalizer.argocd.argoproj.io'];

type Fake = KubeObject<Record<string, unknown>, Record<string, unknown>>;

const application = (name: string, wave: number, more: Partial<Fake> = {}): Fake => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: {
    name,
    namespace: 'argocd',
    finalizers: [...cascade],
    annotations: { 'argocd.argoproj.io/sync-wave': String(wave) },
  },
  spec: { syncPolicy: { automated: {} } },
  ...more,
});
const root = () =>
  application('root', 0, {
    status: {
      resources: ['root', 'ui', 'traefik'].map(name => ({ group: 'argoproj.io', kind: 'Application', name })),
      operationState: { phase: 'Running' },
    },
  });
const core = (kind: string, name: string, more: Partial<Fake> = {}): Fake => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace: 'shop' },
  ...more,
});

/**
 * As much of an API server as a teardown needs: what has finalizers stays until they are off. `controller` plays what
 * takes them off, on every look.
 */
function world(stock: Record<string, Fake[]>, controller: (object: Fake) => boolean = () => true) {
  const writes: string[] = [];
  const warnings: string[] = [];
  const find = (resource: string, name: string) =>
    stock[resource]?.find(({ metadata }) => metadata.name === name);
  const sweep = (resource: string) => {
    stock[resource] = stock[resource]?.filter(
      ({ metadata }) => !metadata.deletionTimestamp || (metadata.finalizers ?? []).length > 0,
    ) as Fake[];
  };
  const cluster = {
    async list(resources: string) {
      const all = resources.split(',');
      if (all.some(resource => !stock[resource] && resource.includes('.')))
        throw new KubernetesError('UnknownResource', 'no such kind');
      for (const each of all.flatMap(resource => stock[resource] ?? []))
        if (each.metadata.deletionTimestamp && controller(each)) each.metadata.finalizers = [];
      for (const resource of all) sweep(resource);
      return structuredClone(all.flatMap(resource => stock[resource] ?? []));
    },
    async delete(resource: string, names: string[]) {
      for (const name of names) {
        writes.push(`delete ${name}`);
        const found = find(resource, name);
        if (found) found.metadata.deletionTimestamp = 'now';
      }
      sweep(resource);
    },
    async patch(
      resource: string,
      names: string[],
      patch: { metadata?: object; spec?: object; status?: object },
    ) {
      for (const name of names) {
        writes.push(`patch ${name} ${JSON.stringify(patch)}`);
        const found = find(resource, name);
        if (patch.metadata && found) found.metadata.finalizers = [];
        if (patch.spec && found) found.spec = {};
        if (patch.status && found) found.status = { ...found.status, operationState: { phase: 'Failed' } };
      }
      sweep(resource);
    },
  } as unknown as Kubectl;
  const runner = {
    info() {},
    progress() {},
    warning: (line: string) => warnings.push(line),
  } as unknown as Runner;
  const run = async (milliseconds = 10_000) => {
    const deadline: Deadline = { minutes: 1, at: Date.now() + milliseconds, pause: 1 };
    await empty(runner, cluster, await contents(cluster), deadline);
  };
  return { cluster, stock, writes, warnings, run };
}

const deletions = (writes: string[]) => writes.filter(each => each.startsWith('delete'));

test('syncing stops first, the root before all; the last wave goes first, the root last and without its cascade', async () => {
  const { stock, writes, warnings, run } = world({
    [applications]: [application('traefik', 1), application('ui', 3), root()],
  });
  await run();
  expect(writes[0]).toBe(
    'patch root {"spec":{"syncPolicy":{"automated":null}},"operation":null,"status":{"operationState":{"phase":"Terminating"}}}',
  );
  expect(writes.findIndex(each => each.startsWith('delete'))).toBe(3);
  expect(writes.slice(3)).toEqual([
    'delete ui',
    'delete traefik',
    'patch root {"metadata":{"finalizers":null}}',
    'delete root',
  ]);
  expect(stock[applications]).toEqual([]);
  expect(warnings).toEqual([]);
});

test('what Argo CD does not finish is let go of at the deadline, and said', async () => {
  const stuck = application('ui', 3, {
    status: { conditions: [{ type: 'DeletionError', message: 'project "staging" not found' }] },
  });
  const { stock, warnings, run } = world(
    { [applications]: [stuck, application('traefik', 1)] },
    ({ metadata }) => metadata.name !== 'ui',
  );
  await run(20);
  expect(stock[applications]).toEqual([]);
  expect(warnings[0]).toMatch(
    /did not finish deleting Application argocd\/ui \(DeletionError: project "staging" not found\)/,
  );
});

test('a set that makes Applications goes before them, and a cluster without Argo CD is no obstacle', async () => {
  const set = { ...application('previews', 0), kind: 'ApplicationSet' };
  const { writes, run } = world({
    [applications]: [application('ui', 3)],
    'applicationsets.argoproj.io': [set],
  });
  await run();
  expect(deletions(writes)).toEqual(['delete previews', 'delete ui']);
  await world({}).run();
});

test('load balancers and volumes are given back, with the pods that hold them; other Services and kept volumes stay', async () => {
  const volume = (name: string, policy: string) =>
    core('PersistentVolume', name, {
      metadata: { name, finalizers: ['external-provisioner.volume.kubernetes.io/finalizer'] },
      spec: {
        claimRef: {},
        persistentVolumeReclaimPolicy: policy,
        csi: { volumeHandle: `ch-gva-2/${name}-id` },
      },
    });
  const stock = {
    services: [
      core('Service', 'game', { spec: { type: 'LoadBalancer' } }),
      core('Service', 'ui', { spec: {} }),
    ],
    persistentvolumeclaims: [
      core('PersistentVolumeClaim', 'saves', {
        metadata: { name: 'saves', namespace: 'shop', finalizers: ['kubernetes.io/pvc-protection'] },
      }),
    ],
    persistentvolumes: [volume('scratch', 'Delete'), volume('kept', 'Retain')],
    pods: [
      core('Pod', 'holder', { spec: { volumes: [{ persistentVolumeClaim: { claimName: 'saves' } }] } }),
      core('Pod', 'bystander', { spec: { volumes: [{}] } }),
    ],
  };
  const fake = world(stock, ({ kind }) => kind !== 'PersistentVolumeClaim' || fake.stock.pods?.length === 1);
  expect(volumeIds(await contents(fake.cluster))).toEqual(['scratch-id', 'kept-id']);
  // The provisioner deletes a volume when its claim is gone.
  const provisioner = setInterval(() => {
    if (fake.stock.persistentvolumeclaims?.length === 0)
      fake.stock.persistentvolumes = [volume('kept', 'Retain')];
  }, 5);
  await fake.run().finally(() => clearInterval(provisioner));
  expect(deletions(fake.writes).sort()).toEqual(['delete game', 'delete holder', 'delete saves']);
});

test('one that is not given back stops the teardown, and is named with who holds it', async () => {
  const held = core('Service', 'game', {
    metadata: {
      name: 'game',
      namespace: 'shop',
      finalizers: ['service.kubernetes.io/load-balancer-cleanup'],
    },
    spec: { type: 'LoadBalancer' },
  });
  const { run } = world({ services: [held] }, () => false);
  await expect(run(20)).rejects.toThrow(
    /not done: Service shop\/game.*\nService shop\/game: it waits for service\.kubernetes\.io\/load-balancer-cleanup/,
  );
});

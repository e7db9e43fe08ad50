import { type Static, Type } from 'typebox';
import {
  type Account,
  type Cluster,
  freeAddress,
  type InstancePool,
  type Nodepool,
  newId,
  type Zone,
} from './account.ts';
import type { Api, ClusterHook, Id } from './api.ts';
import { closed, description, labels, name, oneOf, optional, reference, references, uuid } from './bodies.ts';
import { instanceTypes } from './compute.ts';
import { ready, settle } from './operations.ts';
import { find, remove } from './refusal.ts';

const size = Type.Integer({ minimum: 1 });
const lowercase = Type.String({ minLength: 1, maxLength: 255, pattern: '^[^A-Z]+$' });
const taints = Type.Record(
  Type.String(),
  closed({ value: name, effect: oneOf('NoSchedule', 'PreferNoSchedule', 'NoExecute') }),
);
// Read back and sent again whole by Terraform's provider.
const instanceType = closed({
  id: uuid,
  family: optional(Type.String()),
  size: optional(Type.String()),
  cpus: optional(Type.Integer()),
  gpus: optional(Type.Integer()),
  memory: optional(Type.Integer()),
  authorized: optional(Type.Boolean()),
  zones: optional(Type.Array(Type.String())),
});
const settings = {
  description: optional(description),
  'instance-prefix': optional(Type.String({ minLength: 1, maxLength: 30, pattern: '^[^A-Z]+$' })),
  'anti-affinity-groups': optional(references),
  'security-groups': optional(references),
  'private-networks': optional(references),
  'public-ip-assignment': optional(oneOf('inet4', 'dual')),
  'deploy-target': optional(Type.Union([reference, Type.Null()])),
  labels: optional(labels),
  taints: optional(taints),
};
const diskSize = Type.Integer({ minimum: 20, maximum: 51200 });
const created = closed({
  ...settings,
  name: lowercase,
  size,
  'disk-size': diskSize,
  'instance-type': instanceType,
  addons: optional(Type.Array(oneOf('storage-lvm'))),
});
const updated = closed({
  ...settings,
  name: optional(lowercase),
  'disk-size': optional(diskSize),
  'instance-type': optional(instanceType),
});
const scaled = closed({ size });

type Body<T extends Type.TSchema> = { Body: Static<T> };
interface PoolId {
  Params: { id: string; pool: string };
}

/** SKS nodepools, and the instances that they bring about. */
export function nodepools({ app, account, operations, zone, here, timestamp }: Api, hook: ClusterHook): void {
  const kind = 'sks-nodepool';

  const look = (zoned: Zone, { id, pool }: PoolId['Params']) => {
    const cluster = find(zoned.clusters, id);
    const nodepool = find(cluster.nodepools, pool);
    return { cluster, nodepool, instancePool: find(zoned.instancePools, nodepool['instance-pool'].id) };
  };

  async function scale(zoned: Zone, cluster: Cluster, nodepool: Nodepool, pool: InstancePool, size: number) {
    resize(account, zoned, pool, size, timestamp());
    if (size > 0) nodepool.size = size;
    const nodes = pool.instances.map(({ id }) => find(zoned.instances, id).name);
    await hook.scale(cluster.id, nodepool.name, nodes);
  }

  app.get<PoolId>(
    '/sks-cluster/:id/nodepool/:pool',
    async request => look(here(request), request.params).nodepool,
  );

  app.post<Id & Body<typeof created>>(
    '/sks-cluster/:id/nodepool',
    { schema: { body: created } },
    async request => {
      const zoned = here(request);
      const cluster = ready(find(zoned.clusters, request.params.id));
      const { 'deploy-target': _target, 'private-networks': _networks, ...wanted } = request.body;
      assertKnown(wanted, account);
      const nodepool: Nodepool = {
        id: newId(),
        'created-at': timestamp(),
        'instance-prefix': 'pool',
        'anti-affinity-groups': [],
        'security-groups': [],
        labels: {},
        taints: {},
        ...wanted,
        'instance-type': { id: wanted['instance-type'].id },
        'instance-pool': { id: newId() },
        template: { id: newId() },
        version: cluster.version,
        state: 'creating',
      };
      const pool = instancePool(nodepool, cluster);
      cluster.nodepools.push(nodepool);
      zoned.instancePools.push(pool);
      return operations.start(zone(request), kind, nodepool.id, () =>
        settle(nodepool, () => scale(zoned, cluster, nodepool, pool, wanted.size)),
      );
    },
  );

  app.put<PoolId & Body<typeof updated>>(
    '/sks-cluster/:id/nodepool/:pool([^:]+)',
    { schema: { body: updated } },
    async request => {
      const zoned = here(request);
      const { nodepool, instancePool } = look(zoned, request.params);
      ready(nodepool);
      const { 'deploy-target': _target, 'private-networks': _networks, ...wanted } = request.body;
      assertKnown(wanted, account);
      nodepool.state = 'updating';
      return operations.start(zone(request), kind, nodepool.id, () =>
        settle(nodepool, async () => {
          const type = wanted['instance-type'];
          Object.assign(nodepool, wanted, type && { 'instance-type': { id: type.id } });
          // Groups reach instances that run already; all else only those to come.
          const groups = {
            'anti-affinity-groups': nodepool['anti-affinity-groups'],
            'security-groups': nodepool['security-groups'],
          };
          Object.assign(instancePool, groups, {
            'disk-size': nodepool['disk-size'],
            'instance-type': nodepool['instance-type'],
            'instance-prefix': nodepool['instance-prefix'],
          });
          for (const { id } of instancePool.instances) Object.assign(find(zoned.instances, id), groups);
        }),
      );
    },
  );

  app.put<PoolId & Body<typeof scaled>>(
    '/sks-cluster/:id/nodepool/:pool([^:]+)::scale',
    { schema: { body: scaled } },
    async request => {
      const zoned = here(request);
      const { cluster, nodepool, instancePool } = look(zoned, request.params);
      ready(nodepool).state = 'scaling';
      return operations.start(zone(request), kind, nodepool.id, () =>
        settle(nodepool, () => scale(zoned, cluster, nodepool, instancePool, request.body.size)),
      );
    },
  );

  app.delete<PoolId>('/sks-cluster/:id/nodepool/:pool', async request => {
    const zoned = here(request);
    const { cluster, nodepool, instancePool } = look(zoned, request.params);
    if (nodepool.state !== 'error') ready(nodepool);
    nodepool.state = 'deleting';
    return operations.start(zone(request), kind, nodepool.id, () =>
      settle(nodepool, async () => {
        await scale(zoned, cluster, nodepool, instancePool, 0);
        remove(zoned.instancePools, instancePool);
        remove(cluster.nodepools, nodepool);
      }),
    );
  });
}

/** @throws Refusal 404 for an instance type or group that is not there */
function assertKnown(wanted: Omit<Static<typeof updated>, 'deploy-target'>, account: Account): void {
  const type = wanted['instance-type'];
  if (type) find(instanceTypes, type.id);
  for (const group of wanted['security-groups'] ?? []) find(account.securityGroups, group.id);
  for (const group of wanted['anti-affinity-groups'] ?? []) find(account.antiAffinityGroups, group.id);
}

/** The instance pool under a nodepool, named as SKS names it; empty as yet. */
const instancePool = (nodepool: Nodepool, cluster: Cluster): InstancePool => ({
  id: nodepool['instance-pool'].id,
  name: `nodepool-${nodepool.name}-${cluster.id}`,
  size: 0,
  'disk-size': nodepool['disk-size'],
  'instance-prefix': nodepool['instance-prefix'],
  'instance-type': nodepool['instance-type'],
  template: nodepool.template,
  state: 'running',
  manager: { id: nodepool.id, type: 'sks-nodepool' },
  labels: {},
  'anti-affinity-groups': nodepool['anti-affinity-groups'],
  'security-groups': nodepool['security-groups'],
  instances: [],
});

/** Gives the pool so many instances; the youngest go first. */
function resize(account: Account, zone: Zone, pool: InstancePool, size: number, createdAt: string): void {
  pool.size = size;
  for (const { id } of pool.instances.splice(size)) remove(zone.instances, find(zone.instances, id));
  while (pool.instances.length < size) {
    const id = newId();
    const taken = Object.values(account.zones).flatMap(zone => zone.instances.map(one => one['public-ip']));
    zone.instances.push({
      id,
      name: `${pool['instance-prefix']}-${pool.id.slice(0, 5)}-${id.slice(0, 5)}`,
      'created-at': createdAt,
      state: 'running',
      'public-ip': freeAddress('198.51.100', taken),
      'instance-type': pool['instance-type'],
      template: pool.template,
      'disk-size': pool['disk-size'],
      manager: { id: pool.id, type: 'instance-pool' },
      labels: pool.labels,
      'anti-affinity-groups': pool['anti-affinity-groups'],
      'security-groups': pool['security-groups'],
    });
    pool.instances.push({ id });
  }
}

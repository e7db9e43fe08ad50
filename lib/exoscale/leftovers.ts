import { list } from './lists.ts';
import type { Send } from './request.ts';

export interface Leftover {
  kind:
    | 'SKS cluster'
    | 'instance'
    | 'load balancer'
    | 'volume'
    | 'database'
    | 'security group'
    | 'anti-affinity group';
  /** What the API calls it by: an id, or a database's name. */
  id: string;
  name: string;
  /** Whether it costs money as long as it is there. */
  billable: boolean;
}

export interface Sought {
  /** `<platform>-<environment>`. What is called so, or so with a dash and more, or carries it as a label, is meant. */
  name: string;
  /** The same of the other environments: `shop-staging-eu-nodes` is theirs and not a part of `shop-staging`. */
  others?: readonly string[];
  /** Things found before, by id: what a cluster made, like a volume, does not carry its name and outlives it. */
  ids?: readonly string[];
}

interface Thing {
  id: string;
  name: string;
  labels?: Record<string, string>;
}
interface Cluster extends Thing {
  level: string;
  nodepools?: { 'instance-pool'?: { id: string } }[];
}
interface Instance extends Thing {
  manager?: { id: string };
}
interface LoadBalancer extends Thing {
  services?: { 'instance-pool'?: { id: string } }[];
}
interface Volume extends Thing {
  instance?: { id: string };
}

/** Names and labels decide, and what belongs to a cluster that is ours: its instances, and what points at them. */
export async function leftovers(send: Send, sought: Sought): Promise<Leftover[]> {
  const [clusters, instances, balancers, volumes, databases, securityGroups, antiAffinityGroups] =
    await Promise.all([
      list<Cluster>(send, 'sks-cluster', 'sks-clusters'),
      list<Instance>(send, 'instance', 'instances'),
      list<LoadBalancer>(send, 'load-balancer', 'load-balancers'),
      list<Volume>(send, 'block-storage', 'block-storage-volumes'),
      list<Omit<Thing, 'id'>>(send, 'dbaas-service', 'dbaas-services'),
      list<Thing>(send, 'security-group', 'security-groups'),
      list<Thing>(send, 'anti-affinity-group', 'anti-affinity-groups'),
    ]);
  const ours = (thing: Thing) => sought.ids?.includes(thing.id) || carries(thing, sought);

  const ourClusters = clusters.filter(ours);
  const pools = new Set(
    ourClusters.flatMap(({ nodepools = [] }) => nodepools.map(pool => pool['instance-pool']?.id)),
  );
  const inPool = (id: string | undefined) => id !== undefined && pools.has(id);
  const ourInstances = instances.filter(instance => ours(instance) || inPool(instance.manager?.id));
  const hosts = new Set(ourInstances.map(({ id }) => id));

  return [
    // Control planes of the level `starter` are free.
    ...ourClusters.map(cluster => leftover('SKS cluster', cluster, cluster.level !== 'starter')),
    ...ourInstances.map(instance => leftover('instance', instance, true)),
    ...balancers
      .filter(one => ours(one) || one.services?.some(service => inPool(service['instance-pool']?.id)))
      .map(balancer => leftover('load balancer', balancer, true)),
    ...volumes
      .filter(one => ours(one) || (one.instance && hosts.has(one.instance.id)))
      .map(volume => leftover('volume', volume, true)),
    ...databases
      .map(service => ({ ...service, id: service.name }))
      .filter(ours)
      .map(service => leftover('database', service, true)),
    ...securityGroups.filter(ours).map(group => leftover('security group', group, false)),
    ...antiAffinityGroups.filter(ours).map(group => leftover('anti-affinity group', group, false)),
  ];
}

const leftover = (kind: Leftover['kind'], { id, name }: Thing, billable: boolean): Leftover => ({
  kind,
  id,
  name,
  billable,
});

/** `workshop-staging` does not carry `shop-staging`; nor does what belongs to a longer of our names. */
export function carries(
  { name, labels = {} }: Omit<Thing, 'id'>,
  { name: wanted, others = [] }: Sought,
): boolean {
  const isPartOf = (owner: string) => name === owner || name.startsWith(`${owner}-`);
  if (Object.values(labels).includes(wanted)) return true;
  const closer = others.filter(other => other.length > wanted.length);
  return isPartOf(wanted) && !closer.some(isPartOf);
}

import type { Cluster, Exoscale, Leftover, Sought } from '../exoscale/exoscale.ts';
import type { Target } from '../platform/platform.ts';
import type { StateResource, Terraform } from '../terraform/client.ts';

/** A database service. That Terraform's state has it is what makes it ours. */
export interface Service {
  name: string;
  /** pg, mysql, valkey… */
  type: string;
  zone: string;
}

export interface World {
  /** What carries the environment's name in Exoscale. */
  things: Leftover[];
  /** How these are found again. */
  sought: Sought;
  /** The addresses of what Terraform's state holds. */
  state: string[];
  /** The database services among it. */
  databases: Service[];
  /** The id of the cluster that is to go, also when it is gone: our DNS records carry it. */
  clusterId: string | undefined;
  /** The cluster, while it is there. */
  cluster: Cluster | undefined;
}

export async function observe(cloud: Exoscale, terraform: Terraform, target: Target): Promise<World> {
  const { platform, resourceName: name } = target;
  const resources = await terraform.resources();
  const state = resources.map(({ address }) => address);
  const { cluster_id: known } = await terraform.outputs();
  const others = Object.keys(platform.environments).map(each => `${platform.name}-${each}`);
  const sought = { name, others: others.filter(each => each !== name) };
  const id = typeof known === 'string' ? known : await named(cloud, name, state);
  const things = await cloud.leftovers({ ...sought, ids: id === undefined ? [] : [id] });
  const cluster = things.find(each => each.kind === 'SKS cluster' && each.id === id);
  return {
    ...{ things, sought, state, clusterId: id },
    databases: resources.flatMap(databaseService),
    cluster: cluster && { ...cluster, version: '', state: '' },
  };
}

/** A destroy that was killed can have taken the outputs out of the state before the cluster. */
const named = async (cloud: Exoscale, name: string, state: string[]): Promise<string | undefined> =>
  state.some(isCluster) ? (await cloud.findCluster(name))?.id : undefined;

/** A resource, when it is a database service. `exoscale_database` is what the provider called it before. */
export function databaseService({ address, values }: StateResource): Service[] {
  if (!/(^|\.)exoscale_(dbaas|database)\./.test(address)) return [];
  const { name = '', type = '', zone = '' } = values as Partial<Service>;
  return [{ name, type, zone }];
}

const isCluster = (address: string): boolean => /(^|\.)exoscale_sks_cluster\./.test(address);

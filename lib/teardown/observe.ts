import type { Cluster, Exoscale, Leftover, Sought } from '../exoscale/exoscale.ts';
import type { Target } from '../platform/platform.ts';
import type { StateResource, Terraform } from '../terraform/client.ts';

export interface World {
  /** What carries the environment's name in Exoscale. */
  things: Leftover[];
  /** How these are found again. */
  sought: Sought;
  /** The addresses of what Terraform's state holds. */
  state: string[];
  /** The names of the PostgreSQL services among it. */
  databases: string[];
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
    databases: resources.flatMap(databaseName),
    cluster: cluster && { ...cluster, version: '', state: '' },
  };
}

/** A destroy that was killed can have taken the outputs out of the state before the cluster. */
const named = async (cloud: Exoscale, name: string, state: string[]): Promise<string | undefined> =>
  state.some(isCluster) ? (await cloud.findCluster(name))?.id : undefined;

/** The name of a resource, when it is a PostgreSQL service. That Terraform's state has it is what makes it ours. */
export function databaseName({ address, values }: StateResource): string[] {
  const { name, type } = values as { name?: string; type?: string };
  return /(^|\.)exoscale_dbaas\./.test(address) && type === 'pg' && name !== undefined ? [name] : [];
}

const isCluster = (address: string): boolean => /(^|\.)exoscale_sks_cluster\./.test(address);

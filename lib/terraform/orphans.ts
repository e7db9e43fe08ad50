import type { Exoscale } from '../exoscale/exoscale.ts';
import { UserError, UserErrors } from '../runner/errors.ts';
import type { Terraform } from './client.ts';

/*
 * Whoever deletes a cluster in the console takes its node pools with it. The provider then asks the cluster for the pool,
 * hears "not found", and fails, on the way to a plan and on the way to a destroy; without refresh too. What helps is that the
 * state forgets the pool, and then the next plan makes both anew.
 */

/** The node pools in the state whose cluster is not there any more. */
export async function orphanedPools(terraform: Terraform, api: Exoscale): Promise<string[]> {
  const pools = (await terraform.resources()).filter(({ address }) =>
    /(^|\.)exoscale_sks_nodepool\./.test(address),
  );
  const clusters = new Map<unknown, boolean>();
  for (const { cluster_id: id } of pools.map(({ values }) => values))
    if (typeof id === 'string' && !clusters.has(id)) clusters.set(id, await api.hasCluster(id));
  return pools
    .filter(({ values }) => clusters.get(values.cluster_id) === false)
    .map(({ address }) => address);
}

/** The same, asked only when a plan has failed as it does then. @throws the plan's own error when there are none */
export async function orphansBehind(error: unknown, terraform: Terraform, api: Exoscale): Promise<string[]> {
  const looksLikeIt =
    error instanceof UserErrors && error.errors.some(({ message }) => /not found/i.test(message));
  const pools = looksLikeIt ? await orphanedPools(terraform, api) : [];
  if (pools.length === 0) throw error;
  return pools;
}

/** For an apply of what a pull request should have shown, and could not. */
export const nobodyWasShown = (environment: string, pools: readonly string[]): UserError =>
  new UserError(
    `The cluster of ${environment} is gone from Exoscale, and its node pools with it, so no pull request could show a plan, and nothing was changed: to make the state forget ${pools.join(', ')} and cluster and nodes be made anew, run this workflow by hand with accept-changes for ${environment}`,
  );

/** For those who may not write the state: what an apply will do about it. */
export const willForget = (environment: string, pools: readonly string[]): UserError =>
  new UserError(
    `The cluster of ${environment} is gone from Exoscale, and its node pools with it, so Terraform cannot plan: an apply makes the state forget ${pools.join(', ')} and creates cluster and nodes anew`,
  );

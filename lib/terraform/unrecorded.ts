import type { Exoscale } from '../exoscale/exoscale.ts';
import { UserError } from '../runner/errors.ts';
import type { Plan, StateModule } from './model.ts';

/*
 * Exoscale lets two clusters, node pools or load balancers have one name. A creation whose answer got lost, or that was
 * interrupted, leaves one that is in no state; the provider or the next apply then makes a second, and both are paid for.
 */

interface Created {
  kind: string;
  address: string;
  name: string;
  /** What is there under this name, by the id that `terraform import` takes. */
  find(): Promise<string | undefined>;
}

/** What the plan creates of these kinds, and how to look for it. */
function created({ changes }: Plan, api: Exoscale): Created[] {
  const found = changes.flatMap(({ address, type, action, change }) => {
    const { name, cluster_id: clusterId } = (change.after ?? {}) as { name?: unknown; cluster_id?: unknown };
    return action === 'create' && typeof name === 'string' ? [{ address, type, name, clusterId }] : [];
  });
  const newCluster = found.find(({ type }) => type === 'exoscale_sks_cluster')?.name;

  /** A pool's cluster is known, or it is the one that the plan creates. */
  async function pool(name: string, known: unknown): Promise<string | undefined> {
    const cluster = typeof known === 'string' ? known : newCluster && (await api.findCluster(newCluster))?.id;
    const there = cluster && (await api.findNodePool(cluster, name));
    return there && `${cluster}/${there.id}`;
  }

  return found.flatMap(({ address, type, name, clusterId }): Created[] => {
    const about = { address, name };
    switch (type) {
      case 'exoscale_sks_cluster':
        return [{ ...about, kind: 'SKS cluster', find: async () => (await api.findCluster(name))?.id }];
      case 'exoscale_sks_nodepool':
        return [{ ...about, kind: 'node pool', find: () => pool(name, clusterId) }];
      case 'exoscale_nlb':
        return [
          { ...about, kind: 'load balancer', find: async () => (await api.findLoadBalancer(name))?.id },
        ];
      default:
        return [];
    }
  });
}

/** The ids of all that Terraform knew of when it planned: under another address it may be on its way out. */
function known({ file }: Plan): Set<unknown> {
  const idOf = (values: unknown) => (values as { id?: unknown } | null | undefined)?.id;
  const inModule = ({ resources = [], child_modules = [] }: StateModule): unknown[] => [
    ...resources.map(({ values }) => idOf(values)),
    ...child_modules.flatMap(inModule),
  ];
  return new Set([
    ...(file.resource_changes ?? []).map(({ change }) => idOf(change.before)),
    ...inModule(file.prior_state?.values?.root_module ?? {}),
  ]);
}

/** @throws UserError when something that the plan creates is there already: asked before an apply */
export async function refuseSecond(plan: Plan, api: Exoscale): Promise<void> {
  const ours = known(plan);
  for (const { kind, find, address, name } of created(plan, api)) {
    const there = await find();
    // A node pool's is CLUSTER/ID here and ID there.
    if (there && !ours.has(there.split('/').at(-1))) {
      throw new UserError(
        `There is a ${kind} named ${name} (${there}) that Terraform's state does not know, and this apply would make a second one: take it over with "terraform import ${address} ${there}@${api.zone}", or delete it`,
      );
    }
  }
}

/** @throws UserError that names both, when there are two of something that the plan created: asked after an apply */
export async function refuseDoubles(plan: Plan, api: Exoscale): Promise<void> {
  for (const { find } of created(plan, api)) await find();
}

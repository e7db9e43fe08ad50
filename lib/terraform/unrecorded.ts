import type { Exoscale } from '../exoscale/exoscale.ts';
import { UserError } from '../runner/errors.ts';
import type { Plan } from './model.ts';

/*
 * Exoscale lets two clusters or load balancers have one name. A creation whose answer got lost, or that was interrupted,
 * leaves one that is in no state; the provider or the next apply then makes a second, and both are paid for.
 */

/** What the plan creates of these kinds, and how to look for it. */
function* created({ changes }: Plan, api: Exoscale) {
  const kinds: Record<string, { kind: string; find: (name: string) => Promise<{ id: string } | undefined> }> =
    {
      exoscale_sks_cluster: { kind: 'SKS cluster', find: api.findCluster },
      exoscale_nlb: { kind: 'load balancer', find: api.findLoadBalancer },
    };
  for (const { address, type, action, change } of changes) {
    const found = action === 'create' ? kinds[type] : undefined;
    const name = (change.after as { name?: unknown } | null)?.name;
    if (found && typeof name === 'string') yield { ...found, address, name };
  }
}

/** @throws UserError when something that the plan creates is there already: asked before an apply */
export async function refuseSecond(plan: Plan, api: Exoscale): Promise<void> {
  for (const { kind, find, address, name } of created(plan, api)) {
    const there = await find(name);
    if (there) {
      throw new UserError(
        `There is a ${kind} named ${name} (${there.id}) that Terraform's state does not know, and this apply would make a second one: take it over with "terraform import ${address} ${there.id}@${api.zone}", or delete it`,
      );
    }
  }
}

/** @throws UserError that names both, when there are two of something that the plan created: asked after an apply */
export async function refuseDoubles(plan: Plan, api: Exoscale): Promise<void> {
  for (const { find, name } of created(plan, api)) await find(name);
}

import type { Exoscale } from '../exoscale/exoscale.ts';
import type { Runner } from '../runner/runner.ts';
import type { Terraform, Writer } from './client.ts';
import type { Plan } from './model.ts';
import type { Prepared } from './prepare.ts';
import { noted } from './unfinished.ts';
import { type Existing, existing } from './unrecorded.ts';

/** Takes into the state what an apply before this one has created when it was broken off: then the plan is another. */
export async function adopt(
  runner: Runner,
  terraform: Terraform,
  writer: Writer,
  own: readonly Existing[],
): Promise<void> {
  await forgetGone(runner, terraform, writer, own);
  for (const { what, address, ids } of own) {
    runner.warning(
      `An apply that was broken off has created the ${what} (${ids[0]}): the state takes it in as ${address}`,
    );
    await writer.adopt(address, ids[0] ?? '');
  }
}

/** Of the things that a plan creates and that are there already: those that an apply before has made, and the others. */
export async function claims(
  { bucket, state }: Prepared,
  plan: Plan,
  api: Exoscale,
): Promise<{ own: Existing[]; others: Existing[] }> {
  const found = await existing(plan, api);
  const own = found.length > 0 ? ownOf(found, await noted(bucket, state)) : [];
  return { own, others: found.filter(each => !own.includes(each)) };
}

/**
 * What was noted, looks as it was to look, and can only be one thing: neither one of several of its name, nor one that
 * fits another address too.
 */
function ownOf(found: readonly Existing[], creates: ReadonlySet<unknown>): Existing[] {
  const fits = Map.groupBy(
    found.flatMap(({ ids }) => ids),
    id => id,
  );
  return found.filter(
    ({ address, ids: [id = '', ...more], isAsPlanned }) =>
      creates.has(address) && isAsPlanned && more.length === 0 && fits.get(id)?.length === 1,
  );
}

/** What was deleted by hand stands in the state until it is written again, and there it is in the way of an import. */
async function forgetGone(
  runner: Runner,
  terraform: Terraform,
  writer: Writer,
  own: readonly Existing[],
): Promise<void> {
  const present = new Set((await terraform.resources()).map(({ address }) => address));
  const gone = own.map(({ address }) => address).filter(address => present.has(address));
  if (gone.length === 0) return;
  runner.info(`The state forgets ${gone.join(', ')}, which Exoscale does not have any more`);
  await writer.forget(gone);
}

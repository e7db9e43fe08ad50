import type { Exoscale } from '../exoscale/exoscale.ts';
import type { Runner } from '../runner/runner.ts';
import type { Writer } from './client.ts';
import type { Plan } from './model.ts';
import type { Prepared } from './prepare.ts';
import { noted } from './unfinished.ts';
import { existing, refuseSecond } from './unrecorded.ts';

/**
 * Takes into the state what an apply before this one has created when it was broken off; what else is there already stops
 * the apply.
 * @returns whether there was something: then the plan is another
 * @throws UserErrors for what is there and nobody noted
 */
export async function adoptOwn(
  runner: Runner,
  { bucket, state }: Prepared,
  writer: Writer,
  plan: Plan,
  api: Exoscale,
): Promise<boolean> {
  const found = await existing(plan, api);
  const creates = found.length > 0 ? await noted(bucket, state) : new Set();
  const isOwn = ({ address, ids }: (typeof found)[0]) => creates.has(address) && ids.length === 1;
  refuseSecond(found.filter(each => !isOwn(each)));
  for (const { what, address, ids } of found) {
    runner.info(
      `An apply that was broken off has created the ${what} (${ids[0]}): the state takes it in as ${address}`,
    );
    await writer.adopt(address, ids[0] ?? '');
  }
  return found.length > 0;
}

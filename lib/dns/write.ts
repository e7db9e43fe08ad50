import type { Cloudflare } from '../cloudflare/cloudflare.ts';
import { UserError } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import { type Applied, apply, type Failure } from './apply.ts';
import type { Change } from './decision.ts';
import { isDone, type Operation } from './difference.ts';
import { changes, operations, type Plan } from './plan.ts';
import { look, type Share } from './survey.ts';

export interface Written {
  /** The plan that was followed last. */
  latest: Plan;
  /** What has been done, as Cloudflare has said or as the zone shows. */
  made: Operation[];
  failures: Failure[];
  /** Why not all of it could be sent, or is known to have been done. */
  errors: UserError[];
}

const rounds = 3;

/**
 * Writes one zone. After an answer that was lost, or when somebody else was faster, it is listed and planned again instead
 * of repeating what was sent.
 * @param narrowed leaves out of a plan what is not to be written
 */
export async function write(
  runner: Runner,
  cloudflare: Cloudflare,
  share: Share,
  first: Plan,
  narrowed: (plan: Plan) => Plan,
): Promise<Written> {
  const { zone } = share;
  const made: Operation[] = [];
  let latest = first;
  for (let round = 1; ; round++) {
    const { batch } = await cloudflare.limits(zone, { operations: operations(latest).length, records: 0 });
    const outcome = await apply(changes(latest), batch, changed => cloudflare.batch(zone, changed));
    const { failures, lost } = outcome;
    made.push(...outcome.made);
    const errors = unsettled(zone.name, outcome);
    if (outcome.error || round === rounds || !(outcome.stale || lost))
      return { latest, made, failures, errors };

    runner.info(`Cloudflare: ${lost?.reason ?? 'the zone has changed meanwhile'}; looking again`);
    const found = await look(cloudflare, share).catch((error: unknown) => {
      if (error instanceof UserError) return error;
      throw error;
    });
    if (found instanceof UserError) return { latest, made, failures, errors: [...errors, found] };
    made.push(...(lost?.operations ?? []).filter(isDone(found.records)));
    const before = changes(latest);
    latest = narrowed(found.plan);
    tellHeld(runner, before, latest);
    if (latest.refusal !== undefined)
      return { latest, made, failures: [], errors: [...errors, new UserError(latest.refusal)] };
  }
}

const unsettled = (zone: string, { lost, error }: Applied): UserError[] => [
  ...(lost
    ? [new UserError(`It is not known whether the last changes to ${zone} were made: ${lost.reason}`)]
    : []),
  ...(error ? [error] : []),
];

/** What was to be changed and is no longer, for a reason that the plan which was shown did not have. */
function tellHeld(runner: Runner, before: readonly Change[], { decisions }: Plan): void {
  const wanted = new Set(before.map(({ name }) => name));
  for (const each of decisions)
    if (each.kind === 'hold' && wanted.has(each.name)) runner.warning(`${each.name}: ${each.reason}`);
}

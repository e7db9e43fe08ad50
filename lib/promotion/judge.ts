import { viewer } from '../github/viewer.ts';
import type { Target } from '../platform/platform.ts';
import type { Runner } from '../runner/runner.ts';
import { type Draft, type Planner, planner } from './draft.ts';
import { type Gates, openGates } from './gates/gates.ts';
import type { Sight } from './look.ts';
import type { PromoteRequest } from './request.ts';
import { type Asked, askedBy } from './trailers.ts';
import { isPromotion, type Wish } from './wish.ts';

/** What is to be done, and what not and why. */
export interface Judged {
  draft: Draft;
  /** What made the draft: it is asked again when the world has moved. */
  plan: Planner;
  gates: Gates;
  asked: Asked;
}

/** Plans what is wished, asks the gates about it, and plans what they let pass. */
export async function judge(
  runner: Runner,
  where: Target,
  wish: Wish,
  request: PromoteRequest,
  { remote, base, past }: Sight,
): Promise<Judged> {
  const { actor = remote && (await viewer(remote)) } = runner.context;
  const asked = askedBy({ ...runner.context, ...(actor !== undefined && { actor }) });
  const { services } = where.platform;
  const given = { environment: where.environment, services, asked, now: new Date(), past };

  // Gates are about promotions: a rollback or a pause is a person's own decision, and waits for nothing.
  const wanted = isPromotion(wish) ? planner(wish, given)(base, base).moves : [];
  const gates = await openGates(runner, where, request, remote, wanted, actor);
  const plan = planner(wish, isPromotion(wish) ? { ...given, refuse: gates.refusal } : given);
  return { draft: plan(base, base), plan, gates, asked };
}

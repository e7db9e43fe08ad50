import type { Cloudflare, Zone } from '../cloudflare/cloudflare.ts';
import { UserError, UserErrors } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import type { Change } from './decision.ts';
import { json } from './outputs.ts';
import { operations, type Plan } from './plan.ts';
import { done, markdown, summary, text } from './render.ts';
import { type Goal, type Seen, survey } from './survey.ts';
import { write } from './write.ts';

export interface ConvergeRequest extends Goal {
  /** What the last line of the log begins with. */
  label: string;
  dryRun: boolean;
}

export interface Converged {
  /** How many records were created, changed and deleted. */
  changed: number;
  /** What was to be done before anything was changed. */
  plans: readonly Plan[];
  plan: ReturnType<typeof json>;
  /** They as a person reads them. */
  markdown: string;
  /** Conflicts, refusals, what Cloudflare did not take: all else has been done. */
  problems: UserError[];
}

/**
 * Brings our records in each zone to what is wished. All zones are read, and all plans made, before anything is written; one
 * refusal stops them all.
 */
export async function converge(
  runner: Runner,
  cloudflare: Cloudflare,
  zones: readonly (Zone | Seen)[],
  { label, dryRun, ...goal }: ConvergeRequest,
): Promise<Converged> {
  const { shares, plans, remarks } = await survey(cloudflare, zones, goal);
  runner.info(text(plans, remarks));
  const page = markdown(plans, remarks);
  await runner.summary(page);
  if (goal.succession?.adopt)
    runner.warning(
      'Input "adopt" gives the first object that claims a name the record there that nobody has marked: leave it out again once those are yours',
    );
  for (const { source, reason } of goal.wishes.unreadable) runner.warning(`${source}: ${reason}`);
  for (const { name, disputed } of plans.flatMap(({ decisions }) => decisions))
    if (disputed !== undefined) runner.warning(`${name}: ${disputed}`);

  const report = { plans, plan: json(plans, remarks, goal.wishes.claims), markdown: page };
  const refusals = plans.flatMap(({ refusal }) => (refusal === undefined ? [] : [new UserError(refusal)]));
  if (refusals.length > 0) return { ...report, changed: 0, problems: refusals };

  const problems: UserError[] = [];
  const outcomes: string[] = [];
  let changed = 0;
  /** Zones in which not all was written. */
  const behind = new Set<string>();
  // A zone below another comes first: the one above lets go only of what has arrived.
  const order = [...shares.entries()].sort(([, a], [, b]) => b.zone.name.length - a.zone.name.length);
  for (const [at, share] of order) {
    const { name } = share.zone;
    const isLeft = (change: Change) => behind.has(share.goal.homes?.get(change.name) ?? '');
    const narrowed = (plan: Plan) => without(plan, isLeft);
    const first = narrowed(plans[at] as Plan);
    if (dryRun || operations(first).length === 0) {
      problems.push(...conflicts(first));
      outcomes.push(`${summary(first)} in ${name}`);
      continue;
    }
    const { latest, made, failures, errors } = await write(runner, cloudflare, share, first, narrowed);
    const refused = failures.map(
      each => new UserError(`${each.name}: Cloudflare refuses its records: ${each.reason}`),
    );
    problems.push(...conflicts(latest), ...refused, ...errors);
    if (refused.length + errors.length > 0) behind.add(name);
    changed += made.length;
    if (made.length > 0) outcomes.push(`${done(made)} in ${name}`);
  }
  if (outcomes.length > 0) runner.info(`${label}: ${outcomes.join('; ')}${dryRun ? ' (a dry run)' : ''}`);
  return { ...report, changed, problems };
}

const without = (plan: Plan, isLeft: (change: Change) => boolean): Plan => ({
  ...plan,
  decisions: plan.decisions.filter(each => each.kind !== 'change' || !isLeft(each)),
});

/** @throws UserErrors for what was left undone */
export function throwProblems({ problems }: Converged): void {
  const [first, ...others] = problems;
  if (first) throw others.length === 0 ? first : new UserErrors(problems);
}

const conflicts = ({ decisions, withheld }: Plan): UserError[] => [
  ...(withheld === undefined ? [] : [new UserError(withheld)]),
  ...decisions.flatMap(each =>
    each.kind === 'conflict' ? [new UserError(`${each.name}: ${each.reason}`)] : [],
  ),
];

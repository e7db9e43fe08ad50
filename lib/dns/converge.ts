import type { Cloudflare, Zone } from '../cloudflare/cloudflare.ts';
import { UserError, UserErrors } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import { type Applied, apply } from './apply.ts';
import { type Change, changes, operations, type Plan } from './plan.ts';
import { done, json, markdown, summary, text } from './render.ts';
import { type Goal, type Listed, look, type Share, survey } from './survey.ts';

export interface ConvergeRequest extends Goal {
  /** What the last line of the log begins with. */
  label: string;
  dryRun: boolean;
}

export interface Converged {
  /** How many records were created, changed and deleted. */
  changed: number;
  plan: ReturnType<typeof json>;
  /** The same as a person reads it. */
  markdown: string;
  /** Conflicts, refusals, what Cloudflare did not take: all else has been done. */
  problems: UserError[];
}

const rounds = 3;

/**
 * Brings our records in each zone to what is wished. All zones are read, and all plans made, before anything is written; one
 * refusal stops them all. After an answer that was lost, or when somebody else was faster, a zone is listed and planned again
 * instead of repeating what was sent.
 */
export async function converge(
  runner: Runner,
  cloudflare: Cloudflare,
  zones: readonly (Zone | Listed)[],
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

  const report = { plan: json(plans, remarks), markdown: page };
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
    const isLeft = ({ name }: Change) => behind.has(share.goal.homes?.get(name) ?? '');
    const first = without(plans[at] as Plan, isLeft);
    const wanted = operations(first);
    if (dryRun || wanted.length === 0) {
      problems.push(...conflicts(first));
      outcomes.push(`${summary(first)} in ${share.zone.name}`);
      continue;
    }
    const written = await write(runner, cloudflare, share, first, isLeft).catch(error => {
      if (error instanceof UserError) return error;
      throw error;
    });
    if (written instanceof UserError) {
      // What has been written elsewhere is to be told all the same.
      problems.push(...conflicts(first), written);
      behind.add(share.zone.name);
      continue;
    }
    const { latest, outcome } = written;
    const failed = new Set(outcome.failures.map(({ name }) => name));
    const made = changes(first)
      .filter(({ name }) => !failed.has(name))
      .flatMap(change => change.operations);
    const failures = outcome.failures.map(
      ({ name, reason }) => new UserError(`${name}: Cloudflare refuses its records: ${reason}`),
    );
    problems.push(...conflicts(latest), ...failures, ...unsettled(share.zone, latest, outcome));
    if (failures.length > 0 || outcome.lost !== undefined) behind.add(share.zone.name);
    if (outcome.lost === undefined) changed += made.length;
    if (made.length > 0 && outcome.lost === undefined) outcomes.push(`${done(made)} in ${share.zone.name}`);
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

/** apply, and look again as long as it is not known what has become of it */
async function write(
  runner: Runner,
  cloudflare: Cloudflare,
  share: Share,
  first: Plan,
  isLeft: (change: Change) => boolean,
): Promise<{ latest: Plan; outcome: Applied }> {
  const { zone } = share;
  const send = async (latest: Plan): Promise<Applied> => {
    const { batch } = await cloudflare.limits(zone, { operations: operations(latest).length, records: 0 });
    return apply(changes(latest), batch, changed => cloudflare.batch(zone, changed));
  };
  let latest = first;
  let outcome = await send(latest);
  for (let round = 2; round <= rounds && (outcome.stale || outcome.lost !== undefined); round++) {
    runner.info(`Cloudflare: ${outcome.lost ?? 'the zone has changed meanwhile'}; looking again`);
    latest = without(await look(cloudflare, share), isLeft);
    if (latest.refusal !== undefined) break;
    outcome = await send(latest);
  }
  return { latest, outcome };
}

function unsettled({ name }: Zone, { refusal }: Plan, { lost }: Applied): UserError[] {
  return [
    ...(lost === undefined
      ? []
      : [new UserError(`It is not known whether the last changes to ${name} were made: ${lost}`)]),
    ...(refusal === undefined ? [] : [new UserError(refusal)]),
  ];
}

const conflicts = ({ decisions, withheld }: Plan): UserError[] => [
  ...(withheld === undefined ? [] : [new UserError(withheld)]),
  ...decisions.flatMap(each =>
    each.kind === 'conflict' ? [new UserError(`${each.name}: ${each.reason}`)] : [],
  ),
];

import type { Cloudflare, Zone } from '../cloudflare/cloudflare.ts';
import { UserError, UserErrors } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import { type Applied, apply } from './apply.ts';
import type { Wishes } from './claims.ts';
import type { Operation } from './difference.ts';
import { growth, withinQuota } from './guard.ts';
import { isWithin } from './host.ts';
import { changes, type Plan, plan, type World } from './plan.ts';
import { done, json, markdown, summary, text } from './render.ts';
import { divide } from './zones.ts';

export interface Goal extends Omit<World, 'zone' | 'records' | 'wishes'> {
  /** What the last line of the log begins with. */
  label: string;
  wishes: Wishes;
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

interface Share {
  zone: Zone;
  goal: Omit<World, 'zone' | 'records'>;
}

/**
 * Brings our records in each zone to what is wished. All zones are read, and all plans made, before anything is written; one
 * refusal stops them all. After an answer that was lost, or when somebody else was faster, a zone is listed and planned again
 * instead of repeating what was sent.
 */
export async function converge(
  runner: Runner,
  cloudflare: Cloudflare,
  zones: readonly Zone[],
  { label, dryRun, wishes, ...goal }: Goal,
): Promise<Converged> {
  const divided = divide(
    wishes,
    zones.map(({ name }) => name),
  );
  const shares = divided.zones.flatMap(({ zone: name, wishes }): Share[] => {
    const zone = zones.find(each => each.name === name);
    return zone ? [{ zone, goal: { ...goal, wishes } }] : [];
  });
  const plans: Plan[] = [];
  for (const share of shares) plans.push(await look(cloudflare, share));
  runner.info(text(plans, divided.notes));
  const page = markdown(plans, divided.notes);
  await runner.summary(page);
  for (const { source, reason } of wishes.unreadable) runner.warning(`${source}: ${reason}`);

  const report = { plan: json(plans, divided.notes), markdown: page };
  const refusals = plans.flatMap(({ refusal }) => (refusal === undefined ? [] : [new UserError(refusal)]));
  if (refusals.length > 0) return { ...report, changed: 0, problems: refusals };

  const problems: UserError[] = [];
  const outcomes: string[] = [];
  let changed = 0;
  for (const [at, share] of shares.entries()) {
    const first = plans[at] as Plan;
    const wanted = operations(first);
    if (dryRun || wanted.length === 0) {
      problems.push(...conflicts(first));
      outcomes.push(`${summary(first)} in ${share.zone.name}`);
      continue;
    }
    const { latest, outcome } = await write(runner, cloudflare, share, first);
    const failed = new Set(outcome.failures.map(({ name }) => name));
    const made = changes(first)
      .filter(({ name }) => !failed.has(name))
      .flatMap(change => change.operations);
    const failures = outcome.failures.map(
      ({ name, reason }) => new UserError(`${name}: Cloudflare refuses its records: ${reason}`),
    );
    problems.push(...conflicts(latest), ...failures, ...unsettled(share.zone, latest, outcome));
    if (outcome.lost === undefined) changed += made.length;
    if (made.length > 0 && outcome.lost === undefined) outcomes.push(`${done(made)} in ${share.zone.name}`);
  }
  if (outcomes.length > 0) runner.info(`${label}: ${outcomes.join('; ')}${dryRun ? ' (a dry run)' : ''}`);
  return { ...report, changed, problems };
}

/** @throws UserErrors for what was left undone */
export function throwProblems({ problems }: Converged): void {
  const [first, ...others] = problems;
  if (first) throw others.length === 0 ? first : new UserErrors(problems);
}

/** observe → plan */
async function look(cloudflare: Cloudflare, { zone, goal }: Share): Promise<Plan> {
  const records = await cloudflare.records(zone);
  const stray = records.find(({ name }) => !isWithin(name, zone.name));
  if (stray) {
    throw new UserError(
      `The zone with the id ${zone.id} holds ${stray.name}, so it is not ${zone.name}: give the id of that zone`,
    );
  }
  const found = plan({ zone: zone.name, records, ...goal });
  const wanted = changes(found);
  const more = wanted.reduce((sum, change) => sum + growth(change), 0);
  if (more <= 0) return found;
  const need = { operations: operations(found).length, records: records.length + more };
  const { records: quota } = await cloudflare.limits(zone, need);
  if (quota === undefined || need.records <= quota) return found;
  return { ...found, decisions: withinQuota(found.decisions, records.length, quota) };
}

/** apply, and look again as long as it is not known what has become of it */
async function write(
  runner: Runner,
  cloudflare: Cloudflare,
  share: Share,
  first: Plan,
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
    latest = await look(cloudflare, share);
    if (latest.refusal !== undefined) break;
    outcome = await send(latest);
  }
  return { latest, outcome };
}

function unsettled({ name }: Zone, { refusal }: Plan, { lost }: Applied): UserError[] {
  if (refusal !== undefined) return [new UserError(refusal)];
  if (lost === undefined) return [];
  return [new UserError(`It is not known whether the last changes to ${name} were made: ${lost}`)];
}

const operations = (latest: Plan): Operation[] => changes(latest).flatMap(change => change.operations);

const conflicts = ({ decisions }: Plan): UserError[] =>
  decisions.flatMap(each =>
    each.kind === 'conflict' ? [new UserError(`${each.name}: ${each.reason}`)] : [],
  );

import type { Cloudflare, Zone } from '../cloudflare/cloudflare.ts';
import { UserError, UserErrors } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import { type Applied, apply } from './apply.ts';
import type { Wishes } from './claims.ts';
import { isWithin } from './host.ts';
import type { Identity } from './marker.ts';
import { changes, type Plan, plan } from './plan.ts';
import { done, json, markdown, summary, text } from './render.ts';

export interface Goal {
  environment: string;
  identity: Identity;
  wishes: Wishes;
  /** Lets go of names even where that looks like a mistake. */
  allowDeletes: boolean;
  dryRun: boolean;
}

export interface Converged {
  /** How many records were created, changed and deleted. */
  changed: number;
  plan: ReturnType<typeof json>;
}

const rounds = 3;

/**
 * Brings our records in a zone to what is wished. After an answer that was lost, or when somebody else was faster, it
 * lists and plans again instead of repeating what it sent.
 * @throws UserErrors for conflicts and for records that Cloudflare refuses, after all else has been done
 */
export async function converge(
  runner: Runner,
  cloudflare: Cloudflare,
  zone: Zone,
  goal: Goal,
): Promise<Converged> {
  const { environment, dryRun } = goal;
  const first = await look(cloudflare, zone, goal);
  runner.info(text(first));
  await runner.summary(markdown(first));
  for (const { source, reason } of goal.wishes.unreadable) runner.warning(`${source}: ${reason}`);
  if (first.refusal !== undefined) throw new UserError(first.refusal);

  const wanted = operations(first);
  if (dryRun || wanted.length === 0) {
    throwProblems(first, []);
    runner.info(`${environment}: ${summary(first)} in ${zone.name}${dryRun ? ' (a dry run)' : ''}`);
    return { changed: 0, plan: json(first) };
  }

  let latest = first;
  let outcome = await write(cloudflare, zone, latest);
  for (let round = 2; round <= rounds && (outcome.stale || outcome.lost !== undefined); round++) {
    runner.info(`Cloudflare: ${outcome.lost ?? 'the zone has changed meanwhile'}; looking again`);
    latest = await look(cloudflare, zone, goal);
    if (latest.refusal !== undefined) throw new UserError(latest.refusal);
    outcome = await write(cloudflare, zone, latest);
  }
  if (outcome.lost !== undefined) {
    throw new UserError(
      `It is not known whether the last changes to ${zone.name} were made: ${outcome.lost}`,
    );
  }
  throwProblems(latest, outcome.failures);
  runner.info(`${environment}: ${done(wanted)} in ${zone.name}`);
  return { changed: wanted.length, plan: json(first) };
}

/** observe → plan */
async function look(cloudflare: Cloudflare, zone: Zone, goal: Goal): Promise<Plan> {
  const records = await cloudflare.records(zone);
  const stray = records.find(({ name }) => !isWithin(name, zone.name));
  if (stray) {
    throw new UserError(
      `The zone with the id ${zone.id} holds ${stray.name}, so it is not ${zone.name}: give the id of that zone`,
    );
  }
  return plan({ zone: zone.name, records, ...goal });
}

const write = (cloudflare: Cloudflare, zone: Zone, latest: Plan): Promise<Applied> =>
  apply(changes(latest), zone.batch, batch => cloudflare.batch(zone, batch));

const operations = (latest: Plan) => changes(latest).flatMap(change => change.operations);

function throwProblems({ decisions }: Plan, failures: Applied['failures']): void {
  const problems = [
    ...decisions.flatMap(each => (each.kind === 'conflict' ? [`${each.name}: ${each.reason}`] : [])),
    ...failures.map(({ name, reason }) => `${name}: Cloudflare refuses its records: ${reason}`),
  ];
  if (problems.length > 0) throw new UserErrors(problems.map(problem => new UserError(problem)));
}

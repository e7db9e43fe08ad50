import type { Target } from '../platform/platform.ts';
import type { Runner } from '../runner/runner.ts';
import type { Proposal } from './apply.ts';
import { type Body, markdown } from './body.ts';
import { isNothing } from './changes.ts';
import { comparing } from './comparisons.ts';
import { candidate } from './gates/candidate.ts';
import { versionOf } from './held/withhold.ts';
import type { Judged } from './judge.ts';
import type { Sight } from './look.ts';
import { pinPath } from './pin.ts';
import { text, title } from './render.ts';
import { isPromotion, type Wish } from './wish.ts';

/** Writes the body of a pull request, about one service or about all. */
export type BodyWriter = (proposal: Proposal, services?: readonly string[]) => Promise<string>;

/** Says in the log and on the run's page what is going to happen, and what not and why. */
export async function report(
  runner: Runner,
  { environment, platform }: Target,
  wish: Wish,
  { remote }: Sight,
  { draft, gates, asked }: Judged,
): Promise<BodyWriter> {
  const from = wish.kind === 'take-over' ? wish.from : undefined;
  for (const service of draft.missing) {
    runner.warning(
      `${service} has a pin in ${from} and none in ${environment}: copy ${pinPath(from ?? '', service)} and change what differs`,
    );
  }
  for (const { service, image } of draft.unset) {
    runner.warning(
      `${pinPath(from ?? '', service)} sets the version of "${image}" and nothing does so in ${environment}: add its entry to ${pinPath(environment, service)}`,
    );
  }
  for (const { reason } of draft.withheld) runner.notice(reason);
  if (!isNothing(draft)) runner.info(text(draft));
  for (const line of gates.lines) runner.info(line);
  if (gates.notice) runner.notice(`${environment}: ${gates.notice}`);

  const repositories = Object.fromEntries(
    Object.entries(platform.services).map(([name, { repository }]) => [name, repository]),
  );
  const find = comparing(remote?.octokit, repositories);
  const body = async (rest: Omit<Body, 'environment' | 'from' | 'comparisons'>) =>
    markdown({ ...rest, environment, from, comparisons: await find(rest.moves) });
  if (!isNothing(draft) || draft.withheld.length > 0 || gates.notice) {
    await runner.summary(
      await body({ ...draft, kept: [], asked, isProposal: false, gates: gates.markdown() }),
    );
  }
  return (proposal, services) => body({ ...proposal, isProposal: true, gates: gates.markdown(services) });
}

/**
 * Why nothing is done, and where it was asked for in vain what there is instead.
 * @param waits the open pull request with what people have asked for before
 */
export function idle(
  { environment }: Target,
  wish: Wish,
  { base }: Sight,
  { gates }: Judged,
  waits?: { number: number; url: string },
): string {
  if (isPromotion(wish)) return `${environment}: nothing ${gates.notice ? 'is promoted' : 'to promote'}`;
  const nothing = `${environment}: nothing to change${waits ? ` on ${base.branch}; pull request #${waits.number} would change it: merge it first, or close it (${waits.url})` : ''}`;
  if (waits) return nothing;
  if (wish.kind === 'rollback') {
    return `${nothing}: it stands as at ${wish.commit} already; to undo a change, give the commit before it, the line below in history`;
  }
  if (wish.kind !== 'resume' && wish.kind !== 'release') return nothing;
  const held = base
    .held(environment)
    .holds.map(hold =>
      hold.kind === 'paused' ? `${hold.service} (paused)` : `${hold.service} ${versionOf(hold)} (rejected)`,
    );
  const what = wish.kind === 'resume' ? 'is not paused' : 'has no rejected version';
  return `${nothing}: ${wish.service} ${what}; ${held.length > 0 ? `held are ${held.join(', ')}` : 'nothing is held'}`;
}

/** `production: Promote ui to production: v1 → v2 (a dry run)` */
export const rehearsed = ({ environment }: Target, { draft }: Judged): string =>
  `${environment}: ${title(environment, draft)} (a dry run)`;

/** A service that stays where it is. */
export interface HeldService {
  service: string;
  /** The one that does not come. */
  version: string;
  /** `gate` is a gate's name, or what `held.yaml` says of it: `paused`, `rejected`. */
  reasons: { gate: string; why: string; until?: Date }[];
  /** When it would come, where time is all that is missing. */
  until?: Date;
}

/** What the output `held` tells a program. */
export function heldServices({ platform }: Target, { draft, gates }: Judged): HeldService[] {
  const named = draft.withheld.map(({ move, kind, reason }) => ({
    service: move.pin.service,
    version: candidate(move, platform.services[move.pin.service]?.image ?? '').version,
    reasons: [{ gate: kind, why: reason }],
  }));
  const waiting = gates.waiting
    .filter(({ move }) => !named.some(({ service }) => service === move.pin.service))
    .map(({ move, version, reasons }) => ({
      service: move.pin.service,
      version,
      reasons: reasons.map(({ gate, why, until }) => ({ gate, why, ...(until && { until }) })),
      ...ripe(reasons.map(({ until }) => until)),
    }));
  return [...named, ...waiting];
}

/** When all that is missing is time: the latest of these. */
function ripe(times: readonly (Date | undefined)[]): { until?: Date } {
  const latest = Math.max(...times.map(time => time?.getTime() ?? Number.POSITIVE_INFINITY));
  return Number.isFinite(latest) ? { until: new Date(latest) } : {};
}

import { openPullRequest } from '../github/pull-request.ts';
import { target } from '../platform/platform.ts';
import type { Runner } from '../runner/runner.ts';
import { holdBranch, openRoutes, routes } from './branches.ts';
import { isNothing } from './changes.ts';
import { type Delivered, deliverAll, withdraw } from './deliver.ts';
import { judge } from './judge.ts';
import { lookAround } from './look.ts';
import { recordAgain } from './record.ts';
import { diff } from './render.ts';
import { type HeldService, heldServices, idle, rehearsed, report } from './report.ts';
import type { PromoteRequest } from './request.ts';
import { isPromotion, readWish } from './wish.ts';

export interface Promoted extends Delivered {
  /** The numbers of the pull requests that were closed, as there is nothing left in them. */
  closed: number[];
  /** The changed lines; empty when there is nothing to do. */
  diff: string;
  /** Services that stay where they are, with what keeps them there. */
  held: HeldService[];
}

/**
 * Moves an environment's pins: the first one's to a new version, those further on to where the pins before them stand, and
 * any of them back to where they stood. Or changes what is held.
 */
export async function promote(runner: Runner, request: PromoteRequest): Promise<Promoted> {
  const where = await target(request.platformFile, request.environment);
  const wish = readWish(where, request);

  const sight = await lookAround(runner, where, wish, request);
  const judged = await judge(runner, where, wish, request, sight);
  const body = await report(runner, where, wish, sight, judged);

  const { remote, base } = sight;
  const { draft, gates, plan, asked } = judged;
  // What was asked for before may stand there already, and wait to be merged.
  const waits =
    remote && isNothing(draft) && !isPromotion(wish)
      ? await openPullRequest(remote, holdBranch(where.environment), base.branch)
      : undefined;
  const done = { diff: isNothing(draft) ? '' : diff(draft), held: heldServices(where, judged) };
  if (request.dryRun || !remote) {
    runner.info(isNothing(draft) ? idle(where, wish, sight, judged, waits) : rehearsed(where, judged));
    return { changed: false, pullRequests: [], closed: [], commits: [], ...done };
  }

  const { environment, platform } = where;
  const services = Object.keys(platform.services);
  const goal = {
    repository: remote,
    environment,
    services,
    asked,
    observe: sight.look,
    trailers: gates.trailers,
  };
  const waiting = gates.waiting.map(({ move }) => move.pin.service);
  const all = [
    ...routes(wish, where, draft, plan),
    ...(await openRoutes(remote, base.branch, where, waiting, plan)),
  ];
  const { used, ...delivered } = await deliverAll(runner, goal, base, all, body);
  if (isNothing(draft)) {
    runner.info(idle(where, wish, sight, judged, waits));
    if ((where.settings.promote?.by ?? 'commit') === 'commit') await recordAgain(runner, goal, base.head);
  }
  // What was left out on purpose may be open still.
  const isAll = wish.kind === 'take-over' && wish.service === undefined;
  const closed = isAll ? await withdraw(runner, goal, base, used) : [];
  return { ...delivered, ...done, closed, changed: delivered.changed || closed.length > 0 };
}

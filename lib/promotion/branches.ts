import { openPullRequest } from '../github/pull-request.ts';
import type { Repository } from '../github/repository.ts';
import type { Target } from '../platform/platform.ts';
import { isNothing } from './changes.ts';
import type { Draft, Planner } from './draft.ts';
import type { Wish } from './wish.ts';

/** The branch that an environment's pull request comes from, or a service's own: there is one, so there is one pull request. */
export const promotionBranch = (environment: string, service?: string): string =>
  // No slash: git takes no branch below another, and a team may choose the one today and the other tomorrow.
  `promote/${environment}${service === undefined ? '' : `+${service}`}`;

/** The branch of what people ask for by hand: rollbacks, pauses, releases. */
export const holdBranch = (environment: string): string => `hold/${environment}`;

/** One commit or pull request to be written. */
export interface Route {
  branch: string;
  plan: Planner;
  by: 'commit' | 'pull-request';
  /** The only service that it is about, where services travel apart. */
  service?: string;
}

/** What is written where: one for all, or where services travel apart one a service. */
export function routes(wish: Wish, { environment, settings }: Target, draft: Draft, plan: Planner): Route[] {
  if (isNothing(draft)) return [];
  const by = settings.promote?.by ?? 'commit';
  if (wish.kind !== 'take-over' && wish.kind !== 'announce')
    return [{ branch: holdBranch(environment), plan, by }];
  if (settings.promote?.services !== 'apart') return [{ branch: promotionBranch(environment), plan, by }];
  return draft.moves.map(({ pin: { service } }) => alone(environment, service, plan, by));
}

/**
 * The pull requests that are open for services that wait for gates now: they keep their versions, which have passed, and say
 * what the next ones wait for.
 */
export async function openRoutes(
  remote: Repository,
  base: string,
  { environment, settings }: Target,
  waiting: readonly string[],
  plan: Planner,
): Promise<Route[]> {
  if (waiting.length === 0) return [];
  const by = 'pull-request';
  const all =
    settings.promote?.services === 'apart'
      ? waiting.map(service => alone(environment, service, plan, by))
      : [{ branch: promotionBranch(environment), plan, by } as const];
  const open = await Promise.all(all.map(({ branch }) => openPullRequest(remote, branch, base)));
  return all.filter((_, index) => open[index]);
}

const alone = (environment: string, service: string, plan: Planner, by: Route['by']): Route => ({
  ...{ branch: promotionBranch(environment, service), by, service },
  plan(world, reference) {
    const { moves, withheld, ...rest } = plan(world, reference);
    return {
      ...rest,
      moves: moves.filter(({ pin }) => pin.service === service),
      withheld: withheld.filter(({ move }) => move.pin.service === service),
    };
  },
});

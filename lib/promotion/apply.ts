import { branchWith } from '../github/branch.ts';
import { commit } from '../github/commit.ts';
import { closePullRequest, openPullRequest, type PullRequest, pullRequest } from '../github/pull-request.ts';
import type { Repository } from '../github/repository.ts';
import { UserError } from '../runner/errors.ts';
import type { World } from './observe.ts';
import { type Move, takeOver } from './plan.ts';
import { line, title, write } from './render.ts';

/** All that writing needs to know, and how to look and plan again when the world has moved. */
export interface Goal {
  repository: Repository;
  environment: string;
  /** The page of the run, for whoever asks later where a commit came from. */
  runUrl?: string | undefined;
  /** The target's pins on a branch, the default one unless told. */
  observe(branch?: string): Promise<World>;
  /** What it takes for those to be as wished. */
  plan(world: World): Move[];
  body(moves: readonly Move[]): string;
  /** The last lines of a commit's message. */
  trailers: readonly string[];
}

/** The branch that an environment's pull request comes from: there is one, so there is one pull request. */
export const promotionBranch = (environment: string): string => `promote/${environment}`;

/**
 * Commits the moves to a branch, planned anew as often as it takes.
 * @returns the commit, or undefined when somebody else has done it all meanwhile
 */
export const byCommit = (goal: Goal, branch: string): Promise<string | undefined> =>
  commit(goal.repository, branch, async () => {
    const world = await goal.observe(branch);
    const moves = goal.plan(world);
    const trailers = [...(goal.runUrl ? [`Run: ${goal.runUrl}`] : []), ...goal.trailers];
    const body = [...moves.map(line), ...(trailers.length > 0 ? ['', ...trailers] : [])].join('\n');
    return {
      head: world.head,
      message: { headline: title(goal.environment, moves), body },
      files: moves.map(move => write(move).file),
    };
  });

export interface Proposed extends PullRequest {
  commit?: string | undefined;
}

/**
 * Brings the environment's promotion branch to what is wished and sees that a pull request is open for it. What people
 * have committed to that branch stays, except the pins' versions: there the latest promotion holds.
 */
export async function byPullRequest(goal: Goal, base: World): Promise<Proposed> {
  const { repository, environment } = goal;
  const head = promotionBranch(environment);
  await branchWith(repository, head, base.branch, base.head);
  const made = await byCommit(goal, head);
  const proposed = await goal.observe(head);
  const { moves } = takeOver(proposed.pins(environment), base.pins(environment));
  if (moves.length === 0) {
    throw new UserError(`The branch ${head} was changed by somebody else while this ran: run this again`);
  }
  const wish = { head, base: base.branch, title: title(environment, moves), body: goal.body(moves) };
  return { ...(await pullRequest(repository, wish)), commit: made };
}

/**
 * Says in the environment's pull request, if one is open, what holds what is wished beyond it. Its versions stay as they are.
 * Undefined when none is open.
 */
export async function refresh({ body, ...goal }: Goal, base: World): Promise<PullRequest | undefined> {
  const { repository, environment } = goal;
  const head = promotionBranch(environment);
  if (!(await openPullRequest(repository, head, base.branch))) return undefined;
  const { moves } = takeOver((await goal.observe(head)).pins(environment), base.pins(environment));
  if (moves.length === 0) return undefined;
  return pullRequest(repository, {
    head,
    base: base.branch,
    title: title(environment, moves),
    body: body(moves),
  });
}

/** A pull request whose versions the source has left behind must not be merged any more. Returns its number. */
export const withdraw = ({ repository, environment }: Goal, base: World): Promise<number | undefined> =>
  closePullRequest(repository, promotionBranch(environment), base.branch);

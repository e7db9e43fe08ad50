import { ProtectedBranch } from '../github/commit.ts';
import { closePullRequests } from '../github/pull-request.ts';
import { UserError } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import { byCommit, byPullRequest, type Goal } from './apply.ts';
import { promotionBranch, type Route } from './branches.ts';
import { holdLines } from './changes.ts';
import type { World } from './observe.ts';
import { recordCommit } from './record.ts';
import { line } from './render.ts';
import type { BodyWriter } from './report.ts';

/** What a run has written. */
export interface Delivered {
  changed: boolean;
  /** The numbers of the pull requests that wait to be merged. */
  pullRequests: number[];
  commits: string[];
}

/** Each route once: a branch that has got its pull request is not written again. */
export async function deliverAll(
  runner: Runner,
  goal: Omit<Goal, 'branch' | 'plan' | 'body'>,
  base: World,
  routes: readonly Route[],
  body: BodyWriter,
): Promise<Delivered & { used: string[] }> {
  const all = { changed: false, pullRequests: [] as number[], commits: [] as string[], used: [] as string[] };
  for (const { branch, plan, by, service } of routes) {
    if (all.used.includes(branch)) continue;
    const only = service === undefined ? undefined : [service];
    const made = await deliver(
      runner,
      { ...goal, branch, plan, body: proposal => body(proposal, only) },
      base,
      by,
    );
    all.changed ||= made.changed;
    all.pullRequests.push(...made.pullRequests);
    all.commits.push(...made.commits);
    if (made.pullRequests.length > 0) all.used.push(branch);
  }
  return all;
}

/** Commits, or where the branch takes no commits opens a pull request. */
async function deliver(
  runner: Runner,
  goal: Goal,
  base: World,
  by: 'commit' | 'pull-request',
): Promise<Delivered> {
  if (by === 'pull-request') return propose(runner, goal, base);
  try {
    const made = await byCommit(goal, base.branch);
    const said = made ? [...made.changes.moves.map(line), ...holdLines(made.changes)].join(', ') : undefined;
    runner.info(`${goal.environment}: ${said ?? 'somebody else has done this meanwhile'}`);
    if (made) await recordCommit(runner, goal, made);
    return { changed: made !== undefined, pullRequests: [], commits: made ? [made.commit] : [] };
  } catch (error) {
    if (!(error instanceof ProtectedBranch)) throw error;
    runner.notice(
      `${base.branch} takes no direct commits, so this becomes a pull request (GitHub: ${error.message})`,
    );
    return propose(runner, goal, base);
  }
}

async function propose(runner: Runner, goal: Goal, base: World): Promise<Delivered> {
  const { environment, branch } = goal;
  const made = await byPullRequest(goal, base).catch(error => {
    if (!(error instanceof ProtectedBranch)) throw error;
    throw new UserError(
      `The branch ${branch} takes no commits (GitHub: ${error.message}): leave promote/* and hold/* out of the rule, or let the token bypass it`,
    );
  });
  for (const service of made.kept) {
    runner.warning(
      `${service} is left on ${branch} as a person set it there: revert that commit, or delete the branch, to hand it back to promotions`,
    );
  }
  if (!('number' in made)) {
    runner.info(
      `${environment}: nothing to merge from ${branch}${made.kept.length > 0 ? ', as people want it there' : ''}`,
    );
    return { changed: false, pullRequests: [], commits: [] };
  }
  const { number, url, outcome, commit } = made;
  const isSame = outcome === 'unchanged' && commit === undefined;
  runner.info(
    isSame
      ? `${environment}: nothing new to promote, pull request #${number} is waiting: ${url}`
      : `${environment}: pull request #${number} ${outcome === 'opened' ? 'opened' : 'refreshed'}: ${url}`,
  );
  return { changed: !isSame, pullRequests: [number], commits: commit === undefined ? [] : [commit] };
}

/** Pull requests whose versions the source has left behind must not be merged any more. */
export async function withdraw(
  runner: Runner,
  goal: Pick<Goal, 'repository' | 'environment'>,
  base: World,
  used: readonly string[],
): Promise<number[]> {
  const own = promotionBranch(goal.environment);
  const closed = await closePullRequests(
    goal.repository,
    base.branch,
    branch => (branch === own || branch.startsWith(`${own}+`)) && !used.includes(branch),
  );
  for (const number of closed)
    runner.info(`${goal.environment}: pull request #${number} is closed as there is nothing left in it`);
  return closed;
}

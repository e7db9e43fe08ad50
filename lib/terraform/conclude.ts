import { comment } from '../github/comment.ts';
import { deployment, type Finish } from '../github/deployment.ts';
import type { Runner } from '../runner/runner.ts';
import { concluded, runLine } from './comment.ts';
import type { Shown } from './reviewed.ts';

/**
 * Gives the section of a plan on the pull request its next state: that it is being applied, or what was done, with the
 * plan folded under it. What it keeps of the plan stays, for an apply that is run again.
 * @param headline one line: `staging: 2 created, 0 destroyed`
 */
export async function conclude(
  runner: Runner,
  githubToken: string | undefined,
  shown: Shown | undefined,
  headline: string,
): Promise<void> {
  const { repository } = runner.context;
  if (!repository || !githubToken || !shown) return;
  const { pullRequest, section, commit, data } = shown;
  const body = concluded(shown.body, headline, runLine(runner));
  await attempt(runner, async () =>
    comment(await runner.octokit(githubToken), { repository, pullRequest, section, body, commit, data }),
  );
}

/** Records on the environment's page that this commit is being applied, where there is a token for it. */
export async function record(
  runner: Runner,
  { environment, githubToken }: { environment: string; githubToken?: string | undefined },
  description: string,
): Promise<Finish> {
  const { repository, sha, runUrl } = runner.context;
  if (!repository || !sha || !runUrl || !githubToken) return async () => {};
  const finish = await attempt(runner, async () =>
    deployment(await runner.octokit(githubToken), { repository, sha, environment, runUrl, description }),
  );
  return async state => void (await attempt(runner, async () => finish?.(state)));
}

/** What is told beside the work: when it cannot be told, the work is done all the same. */
export async function attempt<T>(runner: Runner, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    runner.warning(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

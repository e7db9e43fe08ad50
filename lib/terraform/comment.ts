import { comment } from '../github/comment.ts';
import type { Runner } from '../runner/runner.ts';
import type { PlanRequest } from './plan.ts';

/** Writes the section of an environment in the comment of the pull request. */
export type Tell = (body: string) => Promise<void>;

/** One that writes nothing where there is no pull request, or none is wanted. */
export async function commenter(
  runner: Runner,
  { environment, githubToken, dryRun }: PlanRequest,
): Promise<Tell> {
  const { repository, pullRequest } = runner.context;
  if (dryRun || !repository || pullRequest === undefined) return async () => {};
  if (!githubToken) {
    runner.notice(
      'There is no comment on the pull request without the input github-token: give it "${{ github.token }}"',
    );
    return async () => {};
  }
  const octokit = await runner.octokit(githubToken);
  return body => comment(octokit, { repository, pullRequest, section: `plan ${environment}`, body });
}

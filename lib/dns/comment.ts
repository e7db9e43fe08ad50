import { comment } from '../github/comment.ts';
import { runLine } from '../github/run-line.ts';
import type { Runner } from '../runner/runner.ts';

export interface PlanComment {
  githubToken?: string | undefined;
  /** Whose plan it is: several may write the same zone, and each has a section of its own. */
  label: string;
  markdown: string;
}

/** Shows a plan in the comment of the pull request that this run is about; elsewhere it does nothing. */
export async function commentPlan(
  runner: Runner,
  { githubToken, label, markdown }: PlanComment,
): Promise<void> {
  const { repository, pullRequest, sha: commit } = runner.context;
  if (!repository || pullRequest === undefined) return;
  if (!githubToken) {
    runner.notice(
      'There is no comment on the pull request without the input github-token: give it "${{ github.token }}"',
    );
    return;
  }
  const octokit = await runner.octokit(githubToken);
  const body = `${markdown}\n\ndns ${label} · ${runLine(runner)}`;
  await comment(octokit, { repository, pullRequest, section: `dns ${label}`, body, commit });
}

import { comment } from '../github/comment.ts';
import type { Runner } from '../runner/runner.ts';

/** Shows a plan in the comment of the pull request that this run is about, as a section of its own. */
export async function commentPlan(
  runner: Runner,
  { githubToken, section, markdown }: { githubToken?: string | undefined; section: string; markdown: string },
): Promise<void> {
  const { repository, pullRequest, sha: commit } = runner.context;
  if (!githubToken || !repository || pullRequest === undefined) return;
  const octokit = await runner.octokit(githubToken);
  await comment(octokit, { repository, pullRequest, section: `dns ${section}`, body: markdown, commit });
}

import { raiseIssue, settleIssue } from '../github/issue.ts';
import { runLine } from '../github/run-line.ts';
import { UserError } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import { changesAnything, type Plan } from './model.ts';

export interface DriftRequest {
  environment: string;
  githubToken?: string | undefined;
  dryRun: boolean;
}

/**
 * Something is not as the configuration says: an apply would change it, or it was changed outside of Terraform. Nothing
 * else is: a plan that failed says nothing about the world.
 */
export const hasDrifted = (plan: Plan): boolean => changesAnything(plan) || plan.drift.length > 0;

/** Opens, updates or closes the one issue about an environment's drift. */
export type DriftIssue = (plan: Plan, markdown: string) => Promise<void>;

/**
 * @param repository `owner/name`, where the run itself does not know it
 * @throws UserError when there is nobody to open the issue as, or nowhere to
 */
export async function driftIssue(
  runner: Runner,
  { environment, githubToken, dryRun }: DriftRequest,
  repository: string | undefined,
): Promise<DriftIssue> {
  const place = runner.context.repository ?? repository;
  if (!githubToken)
    throw new UserError(
      'Drift is told in an issue, for which the input github-token is missing: give it "${{ github.token }}", and the job `permissions: { issues: write }`',
    );
  if (!place)
    throw new UserError(
      'Drift is told in an issue, and the repository is not known: set GITHUB_REPOSITORY to owner/name',
    );
  const octokit = await runner.octokit(githubToken);
  const issue = { repository: place, key: `drift ${environment}`, seen: runLine(runner) };

  return async (plan, markdown) => {
    const drifted = hasDrifted(plan);
    if (dryRun) {
      runner.info(
        `The issue about ${environment} is left as it is (dry-run); ${environment} ${drifted ? 'has drifted' : 'has not drifted'}`,
      );
      return;
    }
    const done = drifted
      ? await raiseIssue(octokit, {
          ...issue,
          title: `Drift: ${environment}`,
          body: `${markdown}\n\n${advice}`,
        })
      : await settleIssue(octokit, {
          ...issue,
          body: `### ${environment} is as the configuration says again`,
        });
    if (!done) runner.info(`${environment} has not drifted`);
    else runner.info(`Issue #${done.number} (${done.url}): ${outcomes[done.outcome]}`);
  };
}

const advice =
  'An apply takes this back; to keep it, write it into the configuration. This issue closes itself when both agree. Close it as "not planned" to hear no more of exactly this.';

const outcomes = {
  opened: 'opened',
  reopened: 'opened again',
  updated: 'brought up to date',
  unchanged: 'says it already',
  accepted: 'was closed as "not planned" and stays closed',
  closed: 'closed, for the drift is gone',
};

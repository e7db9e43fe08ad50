import { Absent, UserError } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import { type IssueResult, tellIssue } from './issue.ts';
import { fitted, longestText, type PartName } from './issue-body.ts';
import { runLine } from './run-line.ts';

export interface DriftRequest {
  environment: string;
  /** What is looked at: it has a part of the issue to itself. */
  part: PartName;
  githubToken?: string | undefined;
  /** The issue is left as it is. */
  dryRun: boolean;
}

export interface Drift {
  /** What is not as it should be, in Markdown of any length: what the issue has no room for is left out. */
  found: string;
  /** What takes it back, and what else there is to do. */
  advice: string;
}

/** One look at one part of an environment, and the one issue about its drift. */
export interface DriftIssue {
  /**
   * @param drift undefined where nothing has drifted
   * @param otherwise `owner/name`, where the run itself does not know it
   * @throws UserError when the token may not write issues, or there is nowhere to
   */
  tell(drift: Drift | undefined, otherwise?: string): Promise<void>;
  /** The look has failed, or there was nothing to look at. Throws nothing: why is what there is to be told. */
  missed(): Promise<void>;
}

/** How long what was found may be at most, so that it and its advice stand there as they are. */
export const driftLimit = longestText - 1_000;

/** @throws UserError when there is nobody to write the issue as */
export async function driftIssue(
  runner: Runner,
  { environment, part, githubToken, dryRun }: DriftRequest,
): Promise<DriftIssue> {
  if (!githubToken)
    throw new UserError(
      'Drift is told in an issue, for which the input github-token is missing: give it "${{ github.token }}", and the job `permissions: { issues: write }`',
    );
  const octokit = await runner.octokit(githubToken);
  const { repository: own, runUrl: run } = runner.context;
  const issue = {
    ...{ key: `drift ${environment}`, title: `Drift: ${environment}`, part, run },
    seen: runLine(runner),
  };

  return {
    async tell(drift, otherwise) {
      const repository = own ?? otherwise;
      const outcome = `${part}: ${environment} has ${drift === undefined ? 'not ' : ''}drifted`;
      if (dryRun) {
        runner.info(`${outcome} (a dry run: the issue is left as it is)`);
        return;
      }
      if (!repository)
        throw new UserError(
          'Drift is told in an issue, and the repository is not known: set GITHUB_REPOSITORY to owner/name',
        );
      const found =
        drift === undefined
          ? ({ state: 'clean' } as const)
          : ({ state: 'drifted', text: fitted(runner.scrub(drift.found), drift.advice) } as const);
      const done = await tellIssue(octokit, { ...issue, repository, found });
      runner.info(done ? `${outcome}; issue #${done.number} (${done.url}) ${says(done)}` : outcome);
    },
    async missed() {
      if (dryRun || !own) return;
      await tellIssue(octokit, { ...issue, repository: own, found: { state: 'unseen' } }).catch(() => {});
    },
  };
}

const says = ({ outcome }: IssueResult): string => outcomes[outcome];
const outcomes = {
  opened: 'is opened',
  reopened: 'is opened again',
  updated: 'is brought up to date',
  unchanged: 'says it already',
  accepted: 'was closed as "not planned" and stays closed',
  closed: 'is closed, for nothing has drifted any more',
};

/**
 * Does a look; one that fails is none, and its part of the issue stays as it is.
 * @returns undefined where there is nothing to look at. That is Terraform's to tell, in a drift that a person can accept: an
 *   environment that was torn down on purpose would fail every night else
 */
export async function looking<T>(
  runner: Pick<Runner, 'notice'>,
  issue: DriftIssue | undefined,
  look: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    await issue?.missed();
    if (!issue || !(error instanceof Absent)) throw error;
    runner.notice(
      `${error.message}; until then there is nothing to look at here, and the look at Terraform tells what is not there`,
    );
    return undefined;
  }
}

/**
 * The secrets of an environment of GitHub's are not there, and it is made by its first job, empty.
 * @param missing names of secrets. @throws UserError when there are some
 */
export function assertSecrets(environment: string, missing: readonly string[]): void {
  if (missing.length === 0) return;
  throw new UserError(
    `A look for drift in ${environment} needs ${missing.join(', ')} in the environment of GitHub that the job enters, ${environment}-drift in drift-environment.yml: "npm run slipway -- setup --apply" lets main alone into it and puts them there, with the rights that docs/pipelines.md names under "drift"; by hand, set that branch rule before the secrets`,
  );
}

import { normalize } from 'node:path';
import { changedFiles } from '../github/changed-files.ts';
import { readSection } from '../github/comment.ts';
import { mergedAs } from '../github/pull-request.ts';
import { UserError } from '../runner/errors.ts';
import type { Octokit, Runner } from '../runner/runner.ts';
import type { Terraform } from './client.ts';
import { sectionOf } from './comment.ts';
import type { Plan } from './model.ts';
import type { EnvironmentRequest } from './prepare.ts';
import { begun, type Comparison, compareReview } from './review.ts';
import { some } from './text.ts';

export interface ReviewRequest extends EnvironmentRequest {
  /** The secret with which the plan on the pull request was made. */
  reviewKey?: string | undefined;
  githubToken?: string | undefined;
}

/** Where a plan was shown, and what stands there now. */
export interface Shown {
  pullRequest: number;
  section: string;
  body: string;
  commit?: string;
  /** Of a plan that may be applied: says already that it is. */
  data?: string;
}

export interface Review {
  /** What speaks against applying this plan, a clause each; nothing when it is what was shown, or nobody wants to know. */
  against: string[];
  /** This commit changes neither the root module nor the platform, so what there is to do waits for one that does. */
  waits?: boolean;
  shown?: Shown;
}

/**
 * Compares a plan with what the pull request of this commit has shown.
 * @throws UserError when it should, and cannot be read
 */
export async function review(
  runner: Runner,
  request: ReviewRequest,
  plan: Plan,
  terraform: Terraform,
): Promise<Review> {
  const { environment, reviewKey, githubToken } = request;
  const { repository, pullRequest: open, sha = '' } = runner.context;
  if (!repository) {
    // Somebody at a terminal, who sees the plan.
    if (reviewKey)
      runner.notice('In a terminal this plan is compared with no pull request: what you see is applied');
    return { against: [] };
  }
  if (!reviewKey) {
    runner.notice(
      'This plan is not compared with what the pull request has shown: give plan and apply the secret REVIEW_KEY as the input review-key',
    );
    return { against: [] };
  }
  if (!githubToken) {
    throw new UserError(
      'Input "github-token" is missing: with a review-key, what the pull request has shown is read, so give "${{ github.token }}"',
    );
  }
  const octokit = await runner.octokit(githubToken);
  const merged = open === undefined ? await mergedAs(octokit, repository, sha) : { number: open, head: sha };
  if (!merged)
    return { against: [`commit ${short(sha)} came without a pull request: nobody was shown this plan`] };

  const { number: pullRequest, head } = merged;
  const section = sectionOf(environment);
  const found = await readSection(octokit, { repository, pullRequest, section });
  if (!found) {
    const none = `pull request #${pullRequest} shows no plan of ${environment}`;
    if (await concernsTerraform(octokit, repository, pullRequest, request)) return { against: [none] };
    const { directory, platformFile } = request;
    return {
      against: [`${none} and changes nothing in ${directory} and not ${platformFile}`],
      waits: true,
    };
  }
  const shown = { pullRequest, section, ...found };
  if (found.editor) {
    const who = `the plan of ${environment} on pull request #${pullRequest} was changed by ${found.editor}`;
    return { against: [`${who}: what was shown cannot be told; plan again before the merge`], shown };
  }
  if (!found.data) {
    const why = `the plan of ${environment} on pull request #${pullRequest} failed, was made without a review-key, or found no room in the comment for what it keeps`;
    return { against: [`${why}: there is nothing to compare with`], shown };
  }
  const binding = await terraform.binding(`${repository}#${pullRequest}`);
  const against = clauses(runner, compareReview(found.data, plan, binding, reviewKey), pullRequest);
  if (against.length === 0) return { against, shown: { ...shown, data: begun(found.data, reviewKey) } };
  if (found.commit !== undefined && found.commit !== head)
    against.push(
      `the plan on pull request #${pullRequest} is of commit ${short(found.commit)}, and ${short(head)} was merged`,
    );
  return { against, shown };
}

function clauses(runner: Runner, comparison: Comparison, pullRequest: number): string[] {
  switch (comparison.outcome) {
    case 'same':
      runner.info(`This is what pull request #${pullRequest} has shown`);
      return [];
    case 'fewer':
      runner.info(
        `Pull request #${pullRequest} has shown this and more; nothing is left to do about ${some(comparison.done).join(', ')}`,
      );
      return [];
    case 'different':
      return comparison.differences;
    case 'unreadable':
      return [`what the comment on pull request #${pullRequest} keeps cannot be read: ${comparison.reason}`];
  }
}

/** Whether a pull request changes the root module or the platform, and so should have shown a plan. */
async function concernsTerraform(
  octokit: Octokit,
  repository: string,
  pullRequest: number,
  { platformFile, directory }: EnvironmentRequest,
): Promise<boolean> {
  const files = await changedFiles(octokit, repository, pullRequest);
  const folder = `${normalize(directory).replace(/\/$/, '')}/`;
  return files?.some(file => file === normalize(platformFile) || file.startsWith(folder)) ?? true;
}

const short = (sha: string): string => sha.slice(0, 7);

import { UserError } from '../runner/errors.ts';
import { backoff } from './backoff.ts';
import { failure, Unanswered } from './call.ts';
import type { File } from './files.ts';
import { mutate, type Repository } from './repository.ts';

/** What shall be committed on top of the commit that it was planned from; no files when there is nothing to do. */
export interface CommitPlan {
  head: string;
  message: { headline: string; body?: string };
  files: readonly File[];
}

/** The branch takes changes through pull requests only. */
export class ProtectedBranch extends Error {
  override name = 'ProtectedBranch';
}

// GitHub has no type for it, and words by what protects the branch: a ruleset, an older protection, a merge queue, checks.
const protection =
  /rule violations|protected (branch|ref)|must be made through|not authorized to push|approving review|required status check/i;

// As many writers at once on one branch are served: in every round one of them gets through.
const attempts = 40;

/**
 * Commits to a branch, signed by GitHub. When the branch has moved meanwhile, or an answer was lost, it is planned anew
 * from what the branch is now: texts are never rebased.
 * @param plan looks at the branch and says what is to be done
 * @returns the commit, or undefined when there was nothing to do
 * @throws ProtectedBranch; UserError when the token may not commit, or others are always faster
 */
export async function commit(
  target: Repository,
  branch: string,
  plan: () => Promise<CommitPlan>,
): Promise<string | undefined> {
  let uncertain = false;
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (attempt > 0) await backoff(attempt);
    const { head, message, files } = await plan();
    // After a lost answer "nothing to do" means that it was done: by us, in the head or below it.
    if (files.length === 0) return uncertain ? head : undefined;
    try {
      return await create(target, branch, head, message, files);
    } catch (error) {
      const { type, message: words = '' } = failure(error).errors?.[0] ?? {};
      if (type !== 'STALE_DATA' && !(error instanceof Unanswered)) {
        if (protection.test(words)) {
          throw new ProtectedBranch(words.trim().replaceAll(/\s+/g, ' ')); // GitHub's words have paragraphs
        }
        throw error;
      }
      uncertain ||= error instanceof Unanswered;
    }
  }
  throw new UserError(
    `The branch ${branch} of ${target.owner}/${target.repo} moved ${attempts} times in a row, or GitHub gave no answer: run this again`,
  );
}

async function create(
  { octokit, owner, repo }: Repository,
  branch: string,
  head: string,
  message: CommitPlan['message'],
  files: readonly File[],
): Promise<string> {
  const purpose = { to: `commit to ${branch}`, needs: 'contents: write' };
  const additions = files.map(({ path, bytes }) => ({
    path,
    contents: Buffer.from(bytes).toString('base64'),
  }));
  const { createCommitOnBranch } = await mutate<{ createCommitOnBranch: { commit: { oid: string } } }>(
    { octokit, owner, repo },
    purpose,
    'mutation($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid } } }',
    {
      input: {
        branch: { repositoryNameWithOwner: `${owner}/${repo}`, branchName: branch },
        expectedHeadOid: head,
        message,
        fileChanges: { additions },
      },
    },
  );
  return createCommitOnBranch.commit.oid;
}

import { UserError } from '../runner/errors.ts';
import { ancestryBetween } from './ancestry.ts';
import { backoff } from './backoff.ts';
import { failure, once, patiently, Unanswered } from './call.ts';
import type { Repository } from './repository.ts';

const attempts = 8;

/**
 * Makes a branch exist and contain a commit: created from it, moved forward to it, or with it merged in. Commits that
 * are on the branch stay there.
 * @param base the branch that `commit` is the head of, for the merge commit and for errors
 * @param ours asked when the two conflict: the head at which all that the branch has can be made again, so that the base holds
 * @returns whether the branch has commits that the base has not
 * @throws UserError when the two conflict, and people's work is in it
 */
export async function branchWith(
  target: Repository,
  branch: string,
  base: string,
  commit: string,
  ours: () => Promise<string | undefined> = async () => undefined,
): Promise<boolean> {
  const { octokit, owner, repo } = target;
  const purpose = { to: `write the branch ${branch}`, needs: 'contents: write' };

  for (let attempt = 0; attempt < attempts; attempt++) {
    if (attempt > 0) await backoff(attempt);
    const status = await ancestryBetween(target, commit, branch);
    if (status === 'identical' || status === 'ahead') return status === 'ahead';
    try {
      await once(purpose, async request => {
        const common = { owner, repo, request };
        if (status === undefined) {
          return octokit.rest.git.createRef({ ...common, ref: `refs/heads/${branch}`, sha: commit });
        }
        if (status === 'behind') {
          return octokit.rest.git.updateRef({ ...common, ref: `heads/${branch}`, sha: commit, force: false });
        }
        const message = `Merge ${base} into ${branch}`;
        return octokit.rest.repos.merge({ ...common, base: branch, head: commit, commit_message: message });
      });
    } catch (error) {
      const { status: code, message = '' } = failure(error);
      if (code === 409 && /conflict/i.test(message)) {
        const tip = await ours();
        if (tip) {
          await mergeAsBase(target, branch, base, commit, tip);
          continue;
        }
        throw new UserError(
          `The branch ${branch} conflicts with ${base}: merge ${base} into it by hand, or delete the branch, and run this again`,
        );
      }
      // 409 and 422: somebody else has just made or moved the branch. The next look tells.
      if (!(error instanceof Unanswered) && code !== 409 && code !== 422) throw error;
    }
  }
  throw new UserError(
    `The branch ${branch} of ${owner}/${repo} could not be brought up to ${base}: run this again`,
  );
}

/**
 * A merge after which the branch has what the base has.
 * @param tip the head that was judged: whoever has pushed since is not written over
 */
export async function mergeAsBase(
  { octokit, owner, repo }: Repository,
  branch: string,
  base: string,
  commit: string,
  tip: string,
): Promise<void> {
  const purpose = { to: `write the branch ${branch}`, needs: 'contents: write' };
  const common = { owner, repo };
  const { data: other } = await patiently(purpose, request =>
    octokit.rest.git.getCommit({ ...common, commit_sha: commit, request }),
  );
  const made = await patiently(purpose, request =>
    octokit.rest.git.createCommit({
      ...{ ...common, tree: other.tree.sha, parents: [tip, commit], request },
      message: `Take ${base} into ${branch} as it is`,
    }),
  );
  const ref = { ...common, ref: `heads/${branch}`, sha: made.data.sha, force: false };
  await once(purpose, request => octokit.rest.git.updateRef({ ...ref, request })).catch(error => {
    // It has moved, or nobody knows: the next look tells.
    if (!(error instanceof Unanswered) && failure(error).status !== 422) throw error;
  });
}

/** Whether a commit, or what is below it, has another one in its history. */
export const contains = async (target: Repository, head: string, commit: string): Promise<boolean> =>
  ['identical', 'ahead'].includes((await ancestryBetween(target, commit, head)) ?? '');

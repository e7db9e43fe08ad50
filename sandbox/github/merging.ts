import { afterPush, changesThroughPulls, headOf, headRef, needsPullRequest } from './branches.ts';
import { ApiError } from './errors.ts';
import type { Commit } from './objects.ts';
import { held } from './rules.ts';
import { type Account, now, type PullRequest, person, type Repository, slug, webFlow } from './world.ts';

export interface Mergeability {
  mergeable: boolean;
  state: 'clean' | 'dirty' | 'blocked' | 'draft' | 'unknown';
  /** The tree that merging gives. */
  tree?: string;
  base: string;
  reason?: string;
}

export async function mergeability(repository: Repository, issue: PullRequest): Promise<Mergeability> {
  const { pull } = issue;
  const base = (await headOf(repository, pull.base)) ?? pull.baseSha;
  if (!issue.open) return { mergeable: false, state: 'unknown', base };
  const tree = await repository.objects.mergeTree(base, pull.headSha);
  if (!tree) return { mergeable: false, state: 'dirty', base };
  if (pull.draft)
    return { mergeable: true, state: 'draft', base, tree, reason: 'Pull Request is still a draft' };
  const missing = held(repository, pull.base)?.checks.find(check => !passed(repository, pull.headSha, check));
  if (missing) {
    return {
      mergeable: true,
      state: 'blocked',
      base,
      tree,
      reason: `Required status check "${missing}" is expected.`,
    };
  }
  return { mergeable: true, state: 'clean', base, tree };
}

function passed(repository: Repository, sha: string, context: string): boolean {
  const status = repository.statuses.findLast(each => each.sha === sha && each.context === context);
  const run = repository.checkRuns.findLast(each => each.sha === sha && each.name === context);
  return status?.state === 'success' || ['success', 'neutral', 'skipped'].includes(run?.conclusion ?? '');
}

export interface MergeOptions {
  method?: string | undefined;
  sha?: string | undefined;
  title?: string | undefined;
  message?: string | undefined;
}

/** @returns the commit that is the new head of the base branch */
export async function mergePull(
  repository: Repository,
  issue: PullRequest,
  by: Account,
  options: MergeOptions,
): Promise<string> {
  const { method = 'merge', sha } = options;
  const { pull } = issue;
  const { objects } = repository;
  if (sha !== undefined && sha !== pull.headSha) {
    throw new ApiError(409, 'Head branch was modified. Review and try the merge again.');
  }
  const { state, tree, base, reason } = await mergeability(repository, issue);
  if (state !== 'clean' || !tree) throw new ApiError(405, reason ?? 'Pull Request is not mergeable');

  const commits = await objects.log(['--reverse', `${base}..${pull.headSha}`]);
  const merged =
    method === 'rebase'
      ? await rebased(repository, commits, base)
      : await objects.writeCommit({
          tree,
          parents: method === 'merge' ? [base, pull.headSha] : [base],
          message: mergeMessage(repository, issue, commits, options),
          author: person(by),
          committer: webFlow(),
        });
  if (!(await objects.moveRef(headRef(pull.base), merged, base))) {
    throw new ApiError(405, 'Base branch was modified. Review and try the merge again.');
  }
  issue.open = false;
  issue.closedAt = now();
  issue.updatedAt = issue.closedAt;
  pull.merged = { at: issue.closedAt, by, from: base, sha: merged };
  repository.emit({ name: 'pull_request', action: 'closed', number: issue.number, by });
  await afterPush(repository, by);
  return merged;
}

// A single commit keeps its message, several become a list of theirs:
// https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/incorporating-changes-from-a-pull-request/about-pull-request-merges#merge-message-for-a-squash-merge
function mergeMessage(
  repository: Repository,
  issue: PullRequest,
  commits: Commit[],
  { method, title, message }: MergeOptions,
): string {
  const [only, ...others] = commits;
  const [headline = '', ...rest] = others.length === 0 ? (only?.message ?? '').split('\n') : [];
  const standard =
    method === 'squash'
      ? {
          title: `${headline || issue.title} (#${issue.number})`,
          message: headline ? rest.join('\n').trim() : commits.map(each => `* ${each.message}`).join('\n\n'),
        }
      : {
          title: `Merge pull request #${issue.number} from ${slug(repository).split('/')[0]}/${issue.pull.head}`,
          message: issue.title,
        };
  return [title ?? standard.title, message ?? standard.message].filter(Boolean).join('\n\n');
}

/** Each commit made anew on top of the base, by its author; merges are left out, as git's own rebase does. */
async function rebased(repository: Repository, commits: Commit[], base: string): Promise<string> {
  const { objects } = repository;
  let top = await objects.commit(base);
  for (const { tree: theirs, parents, author, message } of commits) {
    const [parent, ...others] = parents;
    if (!parent || others.length > 0) continue;
    // merge-tree finds the base of a merge by itself (only git 2.40 can be told): so the three get a history of their own.
    const bare = (tree: string, ...from: string[]) =>
      objects.writeCommit({ tree, parents: from, message: '', author });
    const root = await bare((await objects.commit(parent)).tree);
    const tree = await objects.mergeTree(await bare(top.tree, root), await bare(theirs, root));
    if (!tree) throw new ApiError(405, "This branch can't be rebased");
    const committer = webFlow();
    top = await objects.commit(
      await objects.writeCommit({ tree, parents: [top.sha], message, author, committer }),
    );
  }
  return top.sha;
}

/** Merges one revision into a branch: `POST /merges`. Undefined when there is nothing to merge. */
export async function mergeInto(
  repository: Repository,
  by: Account,
  wish: { base: string; head: string; message?: string | undefined },
): Promise<string | undefined> {
  const { objects } = repository;
  const base = await headOf(repository, wish.base);
  const head = (await headOf(repository, wish.head)) ?? (await objects.commitOf(wish.head));
  if (!base) throw new ApiError(404, 'Base does not exist');
  if (!head) throw new ApiError(404, 'Head does not exist');
  if (needsPullRequest(repository, wish.base)) throw new ApiError(409, changesThroughPulls);
  if ((await objects.mergeBase(base, head)) === head) return undefined;
  const tree = await objects.mergeTree(base, head);
  if (!tree) throw new ApiError(409, 'Merge conflict');
  const merged = await objects.writeCommit({
    tree,
    parents: [base, head],
    message: wish.message ?? `Merge ${wish.head} into ${wish.base}`,
    author: person(by),
    committer: webFlow(),
  });
  if (!(await objects.moveRef(headRef(wish.base), merged, base)))
    throw new ApiError(409, 'Base branch was modified');
  await afterPush(repository, by);
  return merged;
}

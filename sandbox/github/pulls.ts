import { afterPush, changesThroughPulls, headOf, headRef } from './branches.ts';
import { ApiError, checkLength, invalid } from './errors.ts';
import {
  type Account,
  isPull,
  nextNumber,
  now,
  type PullRequest,
  person,
  type Repository,
  slug,
  type World,
  webFlow,
} from './world.ts';

export interface NewPull {
  title: string;
  /** `branch` or `owner:branch`. */
  head: string;
  base: string;
  body?: string | null | undefined;
  draft?: boolean | undefined;
}

export async function openPull(
  world: World,
  repository: Repository,
  author: Account,
  wish: NewPull,
): Promise<PullRequest> {
  checkLength('PullRequest', wish.body);
  const head = wish.head.replace(/^[^:]*:/, '');
  const [headSha, baseSha] = await Promise.all([headOf(repository, head), headOf(repository, wish.base)]);
  if (!headSha) throw invalid('PullRequest', 'head');
  if (!baseSha) throw invalid('PullRequest', 'base');
  if ((await repository.objects.count(`${baseSha}..${headSha}`)) === 0) {
    throw invalid('PullRequest', 'base', `No commits between ${wish.base} and ${head}`);
  }
  const twin = [...repository.issues.values()].find(
    issue => issue.open && issue.pull?.head === head && issue.pull.base === wish.base,
  );
  if (twin) {
    throw invalid(
      'PullRequest',
      'head',
      `A pull request already exists for ${repository.owner.login}:${head}.`,
    );
  }
  const issue = {
    id: world.nextId(),
    number: nextNumber(repository),
    title: wish.title,
    body: wish.body ?? null,
    author,
    open: true,
    createdAt: now(),
    updatedAt: now(),
    closedAt: null,
    labels: [],
    comments: [],
    pull: { head, base: wish.base, headSha, baseSha, draft: wish.draft ?? false },
  };
  repository.issues.set(issue.number, issue);
  await repository.objects.moveRef(`refs/pull/${issue.number}/head`, headSha, undefined);
  return issue;
}

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
  const missing = repository.protection
    .get(pull.base)
    ?.checks.find(check => !passed(repository, pull.headSha, check));
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
  if (method !== 'merge' && method !== 'squash') {
    throw new ApiError(405, 'Rebase merges are not allowed on this repository.');
  }
  if (sha !== undefined && sha !== pull.headSha) {
    throw new ApiError(409, 'Head branch was modified. Review and try the merge again.');
  }
  const { state, tree, base, reason } = await mergeability(repository, issue);
  if (state !== 'clean' || !tree) throw new ApiError(405, reason ?? 'Pull Request is not mergeable');

  const commits = await objects.log(['--reverse', `${base}..${pull.headSha}`]);
  const standard =
    method === 'merge'
      ? {
          title: `Merge pull request #${issue.number} from ${slug(repository).split('/')[0]}/${pull.head}`,
          message: issue.title,
        }
      : {
          title: `${issue.title} (#${issue.number})`,
          message: commits.length > 1 ? commits.map(({ message }) => `* ${message}`).join('\n\n') : '',
        };
  const text = [options.title ?? standard.title, options.message ?? standard.message]
    .filter(Boolean)
    .join('\n\n');
  const merged = await objects.writeCommit({
    tree,
    parents: method === 'merge' ? [base, pull.headSha] : [base],
    message: text,
    author: person(by),
    committer: webFlow(),
  });
  if (!(await objects.moveRef(headRef(pull.base), merged, base))) {
    throw new ApiError(405, 'Base branch was modified. Review and try the merge again.');
  }
  issue.open = false;
  issue.closedAt = now();
  issue.updatedAt = issue.closedAt;
  pull.merged = { at: issue.closedAt, by, sha: merged };
  await afterPush(repository);
  return merged;
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
  if (repository.protection.get(wish.base)?.pullRequests) throw new ApiError(409, changesThroughPulls);
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
  await afterPush(repository);
  return merged;
}

export const findPull = (repository: Repository, number: number): PullRequest | undefined => {
  const issue = repository.issues.get(number);
  return issue && isPull(issue) ? issue : undefined;
};

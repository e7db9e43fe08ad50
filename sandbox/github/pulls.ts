import { headOf } from './branches.ts';
import { checkLength, invalid } from './errors.ts';
import {
  type Account,
  isPull,
  nextNumber,
  now,
  type PullRequest,
  type Repository,
  type World,
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
    stateReason: null,
    createdAt: now(),
    updatedAt: now(),
    closedAt: null,
    labels: [],
    comments: [],
    pull: { head, base: wish.base, headSha, baseSha, draft: wish.draft ?? false },
  };
  repository.issues.set(issue.number, issue);
  await repository.objects.moveRef(`refs/pull/${issue.number}/head`, headSha, undefined);
  repository.emit({ name: 'pull_request', action: 'opened', number: issue.number, by: author });
  return issue;
}

/**
 * The pull requests that belong to a commit: those whose merge brought it to the default branch, or, where it is not there,
 * all that have it. https://docs.github.com/en/rest/commits/commits#list-pull-requests-associated-with-a-commit
 */
export async function pullsOf(repository: Repository, sha: string): Promise<PullRequest[]> {
  const { objects, defaultBranch } = repository;
  const isIn = async (range: string) => (await objects.text(['rev-list', range])).split('\n').includes(sha);
  const pulls = [...repository.issues.values()].filter(isPull);
  const landed = await isIn(defaultBranch);
  const found = await Promise.all(
    pulls.map(async ({ open, pull: { base, baseSha, headSha, merged } }) =>
      landed
        ? merged !== undefined &&
          base === defaultBranch &&
          (merged.sha === sha || (await isIn(`${merged.from}..${merged.sha}`)))
        : (open || merged !== undefined) && (await isIn(`${baseSha}..${headSha}`)),
    ),
  );
  return pulls.filter((_, index) => found[index]);
}

export const findPull = (repository: Repository, number: number): PullRequest | undefined => {
  const issue = repository.issues.get(number);
  return issue && isPull(issue) ? issue : undefined;
};

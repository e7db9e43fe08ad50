import { ApiError } from './errors.ts';
import type { Change, Person } from './objects.ts';
import { held } from './rules.ts';
import { type Account, isPull, now, type Repository } from './world.ts';

export const headRef = (branch: string) => `refs/heads/${branch}`;

export const headOf = (repository: Repository, branch: string) => repository.objects.resolve(headRef(branch));

/** The branch does not take direct commits. */
export const needsPullRequest = (repository: Repository, branch: string) =>
  held(repository, branch)?.pullRequests === true;

export const changesThroughPulls = 'Changes must be made through a pull request.';

/**
 * Moves a branch, unless it has moved meanwhile.
 * @param from where it must point; undefined for a branch that must not exist yet
 */
export async function moveBranch(
  repository: Repository,
  branch: string,
  to: string | undefined,
  from: string | undefined,
  by: Account,
): Promise<boolean> {
  refuseMirror(repository);
  const moved = await repository.objects.moveRef(headRef(branch), to, from);
  if (moved) await afterPush(repository, by);
  return moved;
}

export function refuseMirror(repository: Repository): void {
  if (repository.mirror) throw new ApiError(403, 'Repository was archived so is read-only.');
}

/**
 * What follows from moved branches: open pull requests get their new head, are merged or closed by it; and whoever waits for
 * either hears of it.
 */
export async function afterPush(repository: Repository, by: Account): Promise<void> {
  repository.pushedAt = now();
  const { objects } = repository;
  const moved = await movedBranches(repository);
  for (const issue of repository.issues.values()) {
    if (!issue.open || !isPull(issue)) continue;
    const [head, base] = await Promise.all([
      headOf(repository, issue.pull.head),
      headOf(repository, issue.pull.base),
    ]);
    if (!head || !base) {
      issue.open = false;
      issue.closedAt = now();
      repository.emit({ name: 'pull_request', action: 'closed', number: issue.number, by });
      continue;
    }
    if (issue.pull.headSha !== head) {
      await objects.moveRef(`refs/pull/${issue.number}/head`, head, issue.pull.headSha);
      issue.pull.headSha = head;
      issue.updatedAt = now();
      if ((await objects.mergeBase(base, head)) !== head)
        repository.emit({ name: 'pull_request', action: 'synchronize', number: issue.number, by });
    }
    if ((await objects.mergeBase(base, head)) === head) {
      issue.open = false;
      issue.closedAt = now();
      issue.pull.merged = { at: issue.closedAt, by: issue.author, from: issue.pull.baseSha, sha: base };
      repository.emit({ name: 'pull_request', action: 'closed', number: issue.number, by });
    }
  }
  for (const each of moved) repository.emit({ name: 'push', by, ...each });
}

const looks = new WeakMap<Repository, Promise<unknown>>();

/** The branches that were made or moved since the last look; one look after the other, so that none goes back. */
function movedBranches(repository: Repository) {
  const look = (looks.get(repository) ?? Promise.resolve()).then(() => lookAtBranches(repository));
  looks.set(repository, look);
  return look;
}

async function lookAtBranches({ objects, heads }: Repository) {
  const found = await objects.refs('refs/heads');
  const names = new Map(found.map(({ name, sha }) => [name.slice(headRef('').length), sha]));
  for (const branch of heads.keys()) if (!names.has(branch)) heads.delete(branch);
  return [...names].flatMap(([branch, after]) => {
    const before = heads.get(branch);
    heads.set(branch, after);
    return before === after ? [] : [{ branch, before, after }];
  });
}

/** How far `head` is from `base`. */
export async function commitsBetween(repository: Repository, base: string, head: string) {
  const [ahead, behind] = await Promise.all([
    repository.objects.count(`${base}..${head}`),
    repository.objects.count(`${head}..${base}`),
  ]);
  const status = ahead > 0 ? (behind > 0 ? 'diverged' : 'ahead') : behind > 0 ? 'behind' : 'identical';
  return { ahead, behind, status } as const;
}

/** A commit on top of `parent` with some files changed; files that were there keep their mode. No ref moves. */
export async function commitChanges(
  repository: Repository,
  parent: string,
  changes: Change[],
  commit: { message: string; author: Person; committer?: Person },
): Promise<string> {
  const { objects } = repository;
  for (const { path } of changes) checkPath(path);
  const known = await objects.entries(
    parent,
    changes.map(({ path }) => path),
  );
  if (changes.some(({ path, content }) => !content && !known.has(path))) {
    throw new ApiError(
      422,
      `A path was requested for deletion which does not exist as of commit oid \`${parent}\``,
    );
  }
  const written = await objects.writeBlobs(changes.flatMap(({ content }) => content ?? []));
  const entries = changes.map(({ path, content }) => {
    const existing = known.get(path);
    return {
      path,
      sha: content && written.shift(),
      mode: existing?.type === 'blob' ? existing.mode : '100644',
    };
  });
  const tree = await objects.writeTree(parent, entries);
  return objects.writeCommit({ tree, parents: [parent], ...commit });
}

export function checkPath(path: string): void {
  const parts = path.split('/');
  if (parts.some(part => part === '' || part === '.' || part === '..' || part.toLowerCase() === '.git')) {
    throw new ApiError(422, `path contains a malformed path component: ${path}`);
  }
}

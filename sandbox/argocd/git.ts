import { createHash } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Commands } from './commands.ts';

export interface Git {
  /**
   * The commit that a branch, tag or commit names now.
   * @param fresh asks the repository even if it was asked a moment ago
   */
  resolve(repository: string, revision: string, fresh: boolean): Promise<string>;
  /** What changes when, and only when, something below one of the paths does. */
  contentsId(repository: string, commit: string, paths: string[]): Promise<string>;
  /** A folder with the files of a commit, for the caller to change and to remove. */
  checkOut(repository: string, commit: string): Promise<string>;
}

/**
 * How long a repository's answer holds, in milliseconds: for tags, which hardly ever move, as long as with Argo CD, and for
 * branches, which people wait for here, less. Whoever asks for a refresh is not made to wait.
 */
const lifetime = { branch: 30_000, tag: 120_000 };

export function git({ run }: Commands, folder: string): Git {
  const answers = new Map<string, Answer>();
  const next = new Map<string, Promise<Map<string, string>>>();

  const listRefs = async (repository: string): Promise<Map<string, string>> => {
    const lines = await run('git', ['ls-remote', repository]).catch((error: Error) => {
      throw new Error(`failed to list refs: ${error.message}`);
    });
    return new Map(
      lines
        .split('\n')
        .filter(Boolean)
        .map(line => line.split('\t'))
        .map(([commit = '', ref = '']) => [ref, commit]),
    );
  };

  /** Asks a repository, once at a time: all who come while it answers share the next answer. */
  function ask(repository: string): Promise<Map<string, string>> {
    const waiting = next.get(repository);
    if (waiting) return waiting;
    const before = answers.get(repository)?.refs;
    const refs = Promise.resolve(before)
      .catch(() => {})
      .then(() => {
        next.delete(repository);
        answers.set(repository, { asked: Date.now(), refs });
        return listRefs(repository);
      });
    next.set(repository, refs);
    refs.catch(() => answers.get(repository)?.refs === refs && answers.delete(repository));
    return refs;
  }

  /** @returns the commit that the revision names by an answer that is young enough for its sort */
  async function remembered(repository: string, revision: string): Promise<string | undefined> {
    const known = answers.get(repository);
    if (!known) return undefined;
    const age = Date.now() - known.asked;
    const found = find(await known.refs, revision);
    return found && age < lifetime[found.sort] ? found.commit : undefined;
  }

  // Git's own locks would refuse two commands at once in one repository.
  const turns = new Map<string, Promise<unknown>>();
  function inTurn<T>(repository: string, work: () => Promise<T>): Promise<T> {
    const turn = (turns.get(repository) ?? Promise.resolve()).then(work);
    turns.set(
      repository,
      turn.catch(() => {}),
    );
    return turn;
  }

  const commits = new Map<string, Promise<string>>();
  /** @returns the bare repository that has the commit */
  function fetched(repository: string, commit: string): Promise<string> {
    const id = `${repository}@${commit}`;
    const known = commits.get(id) ?? inTurn(repository, () => fetch(repository, commit));
    commits.set(id, known);
    known.catch(() => commits.delete(id));
    return known;
  }

  async function fetch(repository: string, commit: string): Promise<string> {
    const name = createHash('sha256').update(repository).digest('hex').slice(0, 16);
    const bare = join(folder, `${name}.git`);
    await run('git', ['init', '--quiet', '--bare', bare]);
    await run('git', [`--git-dir=${bare}`, 'fetch', '--quiet', '--depth=1', '--no-tags', repository, commit]);
    return bare;
  }

  const contents = new Map<string, Promise<string>>();
  async function identify(repository: string, commit: string, names: string[]): Promise<string> {
    return run('git', [`--git-dir=${await fetched(repository, commit)}`, 'rev-parse', ...names]);
  }

  return {
    async resolve(repository, revision, fresh) {
      if (/^[0-9a-f]{40}$/.test(revision)) return revision;
      const known = fresh ? undefined : await remembered(repository, revision);
      const commit = known ?? find(await ask(repository), revision)?.commit;
      if (commit === undefined) throw new Error(`unable to resolve '${revision}' to a commit SHA`);
      return commit;
    },
    contentsId(repository, commit, paths) {
      const names = paths.map(path => `${commit}:${path}`);
      const id = [repository, ...names].join(' ');
      const known = contents.get(id) ?? identify(repository, commit, names);
      contents.set(id, known);
      known.catch(() => contents.delete(id));
      return known;
    },
    async checkOut(repository, commit) {
      const bare = await fetched(repository, commit);
      const tree = await mkdtemp(join(folder, 'tree-'));
      const checkOut = ['checkout', '--quiet', '--force', commit, '--', '.'];
      const where = [`--git-dir=${bare}`, `--work-tree=${tree}`];
      await inTurn(repository, () => run('git', [...where, ...checkOut]));
      return tree;
    },
  };
}

interface Answer {
  asked: number;
  refs: Promise<Map<string, string>>;
}

function find(
  refs: Map<string, string>,
  revision: string,
): { commit: string; sort: keyof typeof lifetime } | undefined {
  const branch = refs.get(`refs/heads/${revision}`) ?? refs.get(revision);
  if (branch) return { commit: branch, sort: 'branch' };
  const tag = refs.get(`refs/tags/${revision}^{}`) ?? refs.get(`refs/tags/${revision}`);
  return tag ? { commit: tag, sort: 'tag' } : undefined;
}

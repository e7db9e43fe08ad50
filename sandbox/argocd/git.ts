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

/** How long a repository's answer holds, in milliseconds, so that several Applications of one repository ask once. */
const lifetime = 3000;

export function git({ run }: Commands, folder: string): Git {
  const answers = new Map<string, { until: number; refs: Promise<Map<string, string>> }>();

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

  function refs(repository: string, fresh: boolean) {
    const known = answers.get(repository);
    if (known && !fresh && known.until > Date.now()) return known.refs;
    const answer = { until: Date.now() + lifetime, refs: listRefs(repository) };
    answers.set(repository, answer);
    answer.refs.catch(() => answers.delete(repository));
    return answer.refs;
  }

  const commits = new Map<string, Promise<string>>();
  /** @returns the bare repository that has the commit */
  function fetched(repository: string, commit: string): Promise<string> {
    const id = `${repository}@${commit}`;
    const known = commits.get(id) ?? fetch(repository, commit);
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

  return {
    async resolve(repository, revision, fresh) {
      if (/^[0-9a-f]{40}$/.test(revision)) return revision;
      const known = await refs(repository, fresh);
      const names = [`refs/heads/${revision}`, `refs/tags/${revision}^{}`, `refs/tags/${revision}`, revision];
      const commit = names.map(name => known.get(name)).find(Boolean);
      if (commit === undefined) throw new Error(`unable to resolve '${revision}' to a commit SHA`);
      return commit;
    },
    async contentsId(repository, commit, paths) {
      const bare = await fetched(repository, commit);
      const ids = await run('git', [
        `--git-dir=${bare}`,
        'rev-parse',
        ...paths.map(path => `${commit}:${path}`),
      ]);
      return ids.trim();
    },
    async checkOut(repository, commit) {
      const bare = await fetched(repository, commit);
      const tree = await mkdtemp(join(folder, 'tree-'));
      const checkOut = ['checkout', '--quiet', '--force', commit, '--', '.'];
      await run('git', [`--git-dir=${bare}`, `--work-tree=${tree}`, ...checkOut]);
      return tree;
    },
  };
}

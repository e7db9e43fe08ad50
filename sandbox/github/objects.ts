import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { changedFiles } from './diff.ts';
import type { Git } from './git.ts';

export interface Person {
  name: string;
  email: string;
  /** ISO 8601, in UTC and whole seconds. */
  date: string;
}

export interface Commit {
  sha: string;
  tree: string;
  parents: string[];
  author: Person;
  committer: Person;
  message: string;
}

export interface Entry {
  mode: string;
  type: 'blob' | 'tree' | 'commit';
  sha: string;
  size?: number;
  path: string;
}

export interface Change {
  path: string;
  /** Undefined removes the file. */
  content?: Buffer;
}

export type Objects = ReturnType<typeof openObjects>;

/** Git's objects and refs in one bare repository, through git's own plumbing. */
export function openObjects(git: Git, folder: string) {
  const text = async (args: string[], input?: string | Buffer, env?: Record<string, string>) =>
    (await git(folder, args, { ...(input !== undefined && { input }), ...(env && { env }) })).stdout
      .toString('utf8')
      .replace(/\n$/, '');

  /** The object that a revision names, if there is one: `main`, `v1^{commit}`, `main:deploy`. */
  async function resolve(revision: string): Promise<string | undefined> {
    if (revision.startsWith('-')) return undefined;
    const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', revision];
    const { code, stdout } = await git(folder, args, { expect: [0, 1, 128] });
    // rev-parse believes any 40 hex digits.
    const sha = stdout.toString().trim();
    if (code !== 0) return undefined;
    return /^[0-9a-f]{40}$/.test(revision) ? (await type(sha)) && sha : sha;
  }

  const commitOf = (revision: string) => resolve(`${revision}^{commit}`);

  async function type(sha: string): Promise<string | undefined> {
    const { code, stdout } = await git(folder, ['cat-file', '-t', sha], { expect: [0, 128] });
    return code === 0 ? stdout.toString().trim() : undefined;
  }

  async function blobs(shas: string[]): Promise<Map<string, Buffer>> {
    const { stdout } = await git(folder, ['cat-file', '--batch'], {
      input: shas.map(sha => `${sha}\n`).join(''),
    });
    const found = new Map<string, Buffer>();
    for (let at = 0; at < stdout.length; ) {
      const end = stdout.indexOf(10, at);
      const [sha, , size] = stdout.toString('utf8', at, end).split(' ');
      if (!sha || size === undefined) break;
      found.set(sha, stdout.subarray(end + 1, end + 1 + Number(size)));
      at = end + 1 + Number(size) + 1;
    }
    return found;
  }

  async function tree(sha: string, options: { recursive?: boolean } = {}): Promise<Entry[]> {
    const out = await text([
      'ls-tree',
      '-z',
      '--long',
      '--full-tree',
      ...(options.recursive ? ['-r', '-t'] : []),
      sha,
    ]);
    return out
      .split('\0')
      .filter(Boolean)
      .map(line => {
        const [meta = '', path = ''] = line.split('\t');
        const [mode = '', kind, id = '', size] = meta.split(/ +/);
        return {
          mode,
          type: kind as Entry['type'],
          sha: id,
          path,
          ...(size !== '-' && { size: Number(size) }),
        };
      });
  }

  /** What stands at paths, however many; nothing for those that are not there. */
  async function entries(revision: string, paths: readonly string[]): Promise<Map<string, Entry>> {
    const { code, stdout } = await git(
      folder,
      ['--literal-pathspecs', 'ls-tree', '-z', '--long', '--full-tree', revision, '--', ...paths],
      { expect: [0, 128] },
    );
    if (code !== 0) return new Map();
    const lines = stdout.toString('utf8').split('\0').filter(Boolean);
    return new Map(
      lines.map(line => {
        const [meta = '', path = ''] = line.split('\t');
        const [mode = '', kind, sha = '', size] = meta.split(/ +/);
        const found = { mode, type: kind as Entry['type'], sha, path };
        return [path, { ...found, ...(size !== '-' && { size: Number(size) }) }];
      }),
    );
  }

  const entry = async (revision: string, path: string): Promise<Entry | undefined> =>
    (await entries(revision, [path])).get(path);

  async function log(revisions: string[], paths: string[] = []): Promise<Commit[]> {
    const format = ['%H', '%T', '%P', '%an', '%ae', '%at', '%cn', '%ce', '%ct', '%B'].join('%x1f');
    const out = await text(['log', '-z', `--format=${format}`, ...revisions, '--', ...paths]);
    return out
      .split('\0')
      .filter(Boolean)
      .map(line => {
        const [
          sha = '',
          treeSha = '',
          parents = '',
          an = '',
          ae = '',
          at,
          cn = '',
          ce = '',
          ct,
          message = '',
        ] = line.split('\x1f');
        return {
          sha,
          tree: treeSha,
          parents: parents.split(' ').filter(Boolean),
          author: { name: an, email: ae, date: isoDate(at) },
          committer: { name: cn, email: ce, date: isoDate(ct) },
          message: message.replace(/\n$/, ''),
        };
      });
  }

  async function commit(sha: string): Promise<Commit> {
    const [found] = await log(['-1', sha]);
    if (!found) throw new Error(`${folder} has no commit ${sha}`);
    return found;
  }

  const writeBlob = (content: Buffer) => text(['hash-object', '-w', '--stdin'], content);

  /** The same for many, by one process. */
  async function writeBlobs(contents: readonly Buffer[]): Promise<string[]> {
    if (contents.length === 0) return [];
    const place = join(folder, `blobs-${randomUUID()}`);
    await mkdir(place);
    try {
      const files = contents.map((_, index) => join(place, String(index)));
      for (const [index, file] of files.entries()) await writeFile(file, contents[index] ?? '');
      return (
        await text(['hash-object', '-w', '--no-filters', '--stdin-paths'], `${files.join('\n')}\n`)
      ).split('\n');
    } finally {
      await rm(place, { recursive: true });
    }
  }

  /** A tree like `base` with some entries replaced; an entry without object id is taken away. */
  async function writeTree(
    base: string | undefined,
    entries: { mode: string; path: string; sha?: string | undefined }[],
  ): Promise<string> {
    const index = join(folder, `index-${randomUUID()}`);
    const env = { GIT_INDEX_FILE: index };
    try {
      if (base) await text(['read-tree', base], undefined, env);
      const none = '0'.repeat(40);
      const lines = entries
        .map(({ mode, sha, path }) => `${sha ? mode : '0'} ${sha ?? none}\t${path}\0`)
        .join('');
      await text(['update-index', '--add', '--replace', '-z', '--index-info'], lines, env);
      return await text(['write-tree'], undefined, env);
    } finally {
      await rm(index, { force: true });
    }
  }

  const writeCommit = (input: {
    tree: string;
    parents: string[];
    message: string;
    author: Person;
    committer?: Person | undefined;
  }) => {
    const { author, committer = author } = input;
    return text(
      ['commit-tree', input.tree, ...input.parents.flatMap(parent => ['-p', parent])],
      input.message,
      {
        GIT_AUTHOR_NAME: author.name,
        GIT_AUTHOR_EMAIL: author.email,
        GIT_AUTHOR_DATE: author.date,
        GIT_COMMITTER_NAME: committer.name,
        GIT_COMMITTER_EMAIL: committer.email,
        GIT_COMMITTER_DATE: committer.date,
      },
    );
  };

  /** Moves a ref if it still points to `from` (undefined: if it does not exist yet). False when it does not. */
  async function moveRef(ref: string, to: string | undefined, from: string | undefined): Promise<boolean> {
    const none = '0'.repeat(40);
    const args = to ? ['update-ref', ref, to, from ?? none] : ['update-ref', '-d', ref, from ?? none];
    return (await git(folder, args, { expect: [0, 1, 128] })).code === 0;
  }

  async function refs(prefix: string): Promise<{ name: string; sha: string; type: string }[]> {
    const out = await text(['for-each-ref', '--format=%(refname) %(objectname) %(objecttype)', prefix]);
    return out
      .split('\n')
      .filter(Boolean)
      .map(line => {
        const [name = '', sha = '', kind = ''] = line.split(' ');
        return { name, sha, type: kind };
      });
  }

  const count = async (range: string) => Number(await text(['rev-list', '--count', range]));

  async function mergeBase(one: string, other: string): Promise<string | undefined> {
    const { code, stdout } = await git(folder, ['merge-base', one, other], { expect: [0, 1] });
    return code === 0 ? stdout.toString().trim() : undefined;
  }

  /** The tree that a three-way merge gives, or undefined on a conflict. Needs git 2.38. */
  async function mergeTree(into: string, from: string): Promise<string | undefined> {
    const { code, stdout } = await git(folder, ['merge-tree', '--write-tree', into, from], {
      expect: [0, 1],
    });
    return code === 0 ? stdout.toString().split('\n')[0] : undefined;
  }

  return {
    folder,
    resolve,
    commitOf,
    type,
    blobs,
    tree,
    entry,
    entries,
    log,
    commit,
    writeBlob,
    writeBlobs,
    writeTree,
    writeCommit,
    moveRef,
    refs,
    count,
    mergeBase,
    mergeTree,
    changedFiles: (from: string, to: string) => changedFiles(text, from, to),
    text,
  };
}

const isoDate = (seconds: string | undefined) =>
  new Date(Number(seconds) * 1000).toISOString().replace('.000', '');

import { UserError } from '../../runner/errors.ts';
import { CommandFailed, type Runner } from '../../runner/runner.ts';

/** A commit with the files that it changes below a folder. */
export interface LogCommit {
  sha: string;
  author: string;
  /** When it came to be in the branch, ISO 8601 with its zone. */
  at: string;
  message: string;
  files: ChangedFile[];
}

export interface ChangedFile {
  /** Where it stood before, which differs where it was renamed; undefined for a new file. */
  before: { path: string; blob: string } | undefined;
  after: { path: string; blob: string } | undefined;
}

type Git = (args: readonly string[], input?: string) => Promise<string>;

/**
 * Git in a checkout, for reading alone.
 * @throws UserError for a folder that is no repository, or has no history
 */
export async function openCheckout(runner: Runner, folder: string): Promise<Git> {
  const git: Git = async (args, input) => {
    // Nobody's settings change what is printed.
    const fixed = [
      '-c',
      'core.quotePath=false',
      '-c',
      'log.showSignature=false',
      '-c',
      'diff.renameLimit=10000',
    ];
    const { stdout } = await runner.run('git', [...fixed, ...args], {
      cwd: folder,
      env: { GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' },
      ...(input !== undefined && { input }),
    });
    return stdout;
  };
  const shallow = await git(['rev-parse', '--is-shallow-repository']).catch(error => {
    if (!(error instanceof CommandFailed)) throw error;
    throw new UserError(
      `The folder ${folder} is in no git repository: run this in a clone of the platform's repository`,
    );
  });
  if (shallow.trim() === 'false') return git;
  throw new UserError(
    'This clone is shallow, so it has no history: run "git fetch --unshallow" in it; in a workflow give actions/checkout fetch-depth: 0',
  );
}

// Everything ends in NUL, which no message, name or path can have in it.
const format = ['%H', '%an', '%cI', '%B'].join('%x00');

/**
 * Commits that change something below a folder, the newest first.
 * @param kind `mainline`: what the branch itself went through, a merge as the one change that it made to the branch;
 * `all`: those that came with merges too, and no merges
 */
export async function readLog(git: Git, folder: string, kind: 'mainline' | 'all'): Promise<LogCommit[]> {
  const which = kind === 'mainline' ? ['--first-parent', '--diff-merges=first-parent'] : ['--no-merges'];
  const out = await git([
    ...[
      'log',
      ...which,
      '--raw',
      '--no-abbrev',
      '-M',
      '--no-color',
      `--format=${format}`,
      '-z',
      'HEAD',
      '--',
      folder,
    ],
  ]);
  const parts = out.split('\0');
  const commits: LogCommit[] = [];
  for (let index = 0; index + 4 < parts.length; ) {
    const [sha = '', author = '', at = '', message = ''] = parts.slice(index, index + 4);
    const { files, next } = readRaw(parts, index + 4);
    commits.push({ sha: sha.trim(), author, at, message: message.trim(), files });
    index = next;
  }
  return commits;
}

/** `:100644 100644 OLD NEW M\0path\0`, and for a rename `R100\0old\0new\0`. https://git-scm.com/docs/git-diff */
function readRaw(parts: readonly string[], begin: number): { files: ChangedFile[]; next: number } {
  const files: ChangedFile[] = [];
  let index = begin;
  for (;;) {
    const found = /^\n*:\d+ \d+ ([0-9a-f]+) ([0-9a-f]+) (\w)\d*$/.exec(parts[index] ?? '');
    if (!found) break;
    const [, old = '', now = '', letter = ''] = found;
    const isMoved = letter === 'R' || letter === 'C';
    const path = parts[index + 1] ?? '';
    const other = isMoved ? (parts[index + 2] ?? '') : path;
    index += isMoved ? 3 : 2;
    files.push({
      before: letter === 'A' || letter === 'C' ? undefined : { path, blob: old },
      after: letter === 'D' ? undefined : { path: other, blob: now },
    });
  }
  while (index < parts.length && parts[index]?.trim() === '') index++;
  return { files, next: index };
}

/**
 * Which merge of the branch brought each commit that did not come to it directly: what is in `M^1..M`, for every merge M.
 * @returns the merge by the commit
 */
export async function readMerges(git: Git): Promise<Map<string, string>> {
  const out = await git(['rev-list', '--parents', 'HEAD']);
  const parents = new Map(
    out.split('\n').map(line => {
      const [sha = '', ...others] = line.split(' ');
      return [sha, others] as const;
    }),
  );
  const mainline: string[] = [];
  for (let sha = out.slice(0, out.search(/\s/)); sha; sha = parents.get(sha)?.[0] ?? '') mainline.push(sha);
  const direct = new Set(mainline);
  const broughtBy = new Map<string, string>();
  for (const merge of mainline.reverse()) {
    const open = parents.get(merge)?.slice(1) ?? [];
    for (let sha = open.pop(); sha !== undefined; sha = open.pop()) {
      if (direct.has(sha) || broughtBy.has(sha)) continue;
      broughtBy.set(sha, merge);
      open.push(...(parents.get(sha) ?? []));
    }
  }
  return broughtBy;
}

/** The texts of blobs, read by one process. */
export async function readBlobs(git: Git, blobs: readonly string[]): Promise<Map<string, string>> {
  const wanted = [...new Set(blobs)];
  const found = new Map<string, string>();
  if (wanted.length === 0) return found;
  const out = await git(['cat-file', '--batch'], wanted.map(blob => `${blob}\n`).join(''));
  // By the headers and not by the sizes: those count bytes, and what is no UTF-8 has lost some on the way.
  let at = 0;
  for (const [index, blob] of wanted.entries()) {
    const begin = out.indexOf('\n', at) + 1;
    const next = wanted[index + 1];
    const end = next === undefined ? out.length : out.indexOf(`\n${next} `, begin - 1) + 1;
    found.set(blob, out.slice(begin, end - 1));
    at = end;
  }
  return found;
}

import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/** Which rows have ended well, over any number of runs of one commit. */
export interface Ledger {
  has(row: string): boolean;
  add(row: string): void;
  /** How many lines of the file are about other commits. */
  others: number;
}

/**
 * @param file a line a row: the commit, a blank, the row; made when the first has ended well. Without one nothing is known
 * from before
 * @param commit of whose code the rows are; what has ended well at another may not do so any more
 */
export function ledger(file: string, commit: string): Ledger {
  const before = file !== '' && existsSync(file) ? readFileSync(file, 'utf8') : '';
  const lines = before.split('\n').filter(Boolean);
  const line = (row: string) => `${commit} ${row}`;
  const known = new Set(lines.filter(each => each.startsWith(line(''))));
  return {
    has: row => known.has(line(row)),
    add(row) {
      known.add(line(row));
      if (file !== '') appendFileSync(file, `${line(row)}\n`);
    },
    others: lines.filter(each => !each.startsWith(line(''))).length,
  };
}

/**
 * The commit that is checked out.
 * @throws Error of one sentence when there is none, or files of it are changed: rows would be told of code that they did not run
 */
export function commitOf(folder: string): string {
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  let commit: string;
  try {
    commit = git('rev-parse', '--verify', 'HEAD').trim();
  } catch (cause) {
    throw new Error(
      `--resume needs to know the commit of ${folder}, and git tells none: leave --resume out`,
      { cause },
    );
  }
  const changed = git('diff', '--name-only', 'HEAD').split('\n').filter(Boolean);
  if (changed.length === 0) return commit;
  const what = changed.length === 1 ? `${changed} is` : `${changed.length} files are`;
  throw new Error(
    `--resume counts the rows of a commit, and here ${what} changed: commit that first, or leave --resume out`,
  );
}

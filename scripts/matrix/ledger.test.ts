import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { commitOf, ledger } from './ledger.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-ledger-'));
afterAll(() => rmSync(folder, { recursive: true }));

const row = 'dns  a GET /x #0: kill';

test('what has ended well is known to the next run, and nothing else is', () => {
  const file = join(folder, 'done');
  const first = ledger(file, 'one');
  expect([first.has(row), first.others]).toEqual([false, 0]);
  first.add(row);
  const next = ledger(file, 'one');
  expect([next.has(row), next.others]).toEqual([true, 0]);
  expect([next.has(''), next.has('dns  a GET /x #0: 429')]).toEqual([false, false]);
});

test('what has ended well at another commit, or nobody knows at which, is to be tried again', () => {
  const file = join(folder, 'commits');
  ledger(file, 'one').add(row);
  appendFileSync(file, 'dns  a GET /y #0: kill\n');
  const next = ledger(file, 'two');
  expect([next.has(row), next.others]).toEqual([false, 2]);
  next.add(row);
  expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(4);
  expect([ledger(file, 'one'), ledger(file, 'two')].map(each => each.has(row))).toEqual([true, true]);
});

test('without a file nothing is kept', () => {
  ledger('', '').add(row);
  expect(ledger('', '').has(row)).toBe(false);
});

test('a commit is what its tree says, so one that has changed is refused', () => {
  const tree = mkdtempSync(join(folder, 'tree-'));
  expect(() => commitOf(tree)).toThrow(`--resume needs to know the commit of ${tree}, and git tells none`);
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.com', '-c', 'commit.gpgsign=false'];
  const git = (...args: string[]) => execFileSync('git', ['-C', tree, ...who, ...args], { encoding: 'utf8' });
  git('init', '--quiet');
  writeFileSync(join(tree, 'code'), 'one');
  git('add', 'code');
  git('commit', '--quiet', '--message', 'One');
  writeFileSync(join(tree, 'done'), "a ledger, which is nobody's code");
  expect(commitOf(tree)).toBe(git('rev-parse', 'HEAD').trim());
  writeFileSync(join(tree, 'code'), 'two');
  expect(() => commitOf(tree)).toThrow(
    '--resume counts the rows of a commit, and here code is changed: commit that first, or leave --resume out',
  );
});

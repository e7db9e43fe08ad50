import { expect, test } from 'vitest';
import { ended, help, options } from './options.ts';

const all = ['dns', 'promote/commit', 'promote/pull-request'];

test('what is asked for, and what holds unless told', () => {
  expect(options([], all)).toEqual({
    ...{ names: all, sample: Number.POSITIVE_INFINITY, seed: 1, only: '', jobs: 2 },
    ...{ minutes: Number.POSITIVE_INFINITY, resume: '', logs: false },
  });
  expect(
    options(['promote', '--sample', '3', '--seed', '7', '--jobs', '1', '--only', 'PUT', '--logs'], all),
  ).toMatchObject({ names: all.slice(1), sample: 3, seed: 7, only: 'PUT', jobs: 1, logs: true });
  expect(options(['--minutes', '7', '--resume', 'done'], all)).toMatchObject({ minutes: 7, resume: 'done' });
});

test.each(['--help', '-h'])('%s tells every option and every action', asked => {
  expect(options(['dns', asked], all)).toBeUndefined();
  const told = help(all);
  for (const name of ['sample', 'seed', 'only', 'jobs', 'minutes', 'resume', 'logs'])
    expect(told).toContain(`--${name} `);
  expect(told).toContain(all.join(', '));
});

test.each([
  [['dsn'], 'There is no dsn'],
  [['--sample', '0.5'], '--sample must be a whole number from 1 on, and is 0.5'],
  [['--sample', '0'], '--sample must be a whole number from 1 on, and is 0'],
  [['--jobs', '1.5'], '--jobs must be a whole number from 1 on, and is 1.5'],
  [['--seed', 'x'], '--seed must be a whole number from 1 on, and is x'],
  [['--seed=', 'dsn'], 'There is no dsn; --seed must be a whole number from 1 on, and is nothing'],
  [['--smaple', '1'], "Unknown option '--smaple'"],
])('%j is refused in a sentence', (given, sentence) => {
  expect(() => options(given, all)).toThrow(sentence);
  expect(() => options(given, all)).toThrow('npm run matrix -- [ACTION…]');
});

test('a run in which nothing was tried, or not all, has not succeeded', () => {
  const asked = { only: '', names: all, minutes: 7 };
  expect(ended({ rows: 4, failed: 0, isCut: false }, asked)).toEqual({ code: 0 });
  expect(ended({ rows: 4, failed: 1, isCut: true }, asked)).toEqual({ code: 1 });
  expect(ended({ rows: 0, failed: 1, isCut: false }, asked)).toEqual({ code: 1 });
  expect(ended({ rows: 4, failed: 0, isCut: true }, asked)).toEqual({
    code: 2,
    sentence: '7 min are over, and rows are left: go on with --resume',
  });
  expect(ended({ rows: 0, failed: 0, isCut: false }, { ...asked, only: 'typo', names: ['dns'] })).toEqual({
    code: 2,
    sentence:
      'No row of dns has "typo" in its line: a line is like "cloudflare GET /client/v4/zones?name #0: kill"',
  });
});

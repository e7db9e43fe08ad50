import { expect, test } from 'vitest';
import { ended, options } from './options.ts';

const all = ['dns', 'promote/commit', 'promote/pull-request'];

test('what is asked for, and what holds unless told', () => {
  expect(options([], all)).toEqual({
    ...{ names: all, sample: Number.POSITIVE_INFINITY, seed: 1, only: '', jobs: 2, logs: false },
  });
  expect(
    options(['promote', '--sample', '3', '--seed', '7', '--jobs', '1', '--only', 'PUT', '--logs'], all),
  ).toEqual({ names: all.slice(1), sample: 3, seed: 7, only: 'PUT', jobs: 1, logs: true });
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

test('a run in which nothing was tried has not succeeded', () => {
  expect(ended({ rows: 4, failed: 0 }, { only: '', names: all })).toEqual({ code: 0 });
  expect(ended({ rows: 4, failed: 1 }, { only: '', names: all })).toEqual({ code: 1 });
  expect(ended({ rows: 0, failed: 0 }, { only: 'typo', names: ['dns'] })).toEqual({
    code: 2,
    sentence:
      'No row of dns has "typo" in its line: a line is like "cloudflare GET /client/v4/zones?name #0: kill"',
  });
});

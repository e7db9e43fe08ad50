import { expect, test } from 'vitest';
import { Absent, UserError } from '../runner/errors.ts';
import { looking } from './drift.ts';

/** A look that ends in an error, and what was told of it. */
async function ended(error: Error, drift = true) {
  const told: string[] = [];
  const issue = { tell: async () => {}, missed: async () => void told.push('missed') };
  const runner = { notice: (line: string) => void told.push(line) };
  const outcome = await looking(runner, drift ? issue : undefined, () => Promise.reject(error)).catch(
    (thrown: unknown) => thrown,
  );
  return { outcome, told };
}
const absent = new Absent('There is no SKS cluster shop-staging in ch-gva-2: "apply" creates it');

test('a look that fails is none, and its error is told', async () => {
  const error = new UserError('x');
  expect(await ended(error)).toEqual({ outcome: error, told: ['missed'] });
});

test('what is looked at was torn down: that is said, is no failure, and leaves the issue as it is', async () => {
  expect(await ended(absent)).toEqual({
    outcome: undefined,
    told: [
      'missed',
      'There is no SKS cluster shop-staging in ch-gva-2: "apply" creates it; until then there is nothing to look at here, and the look at Terraform tells what is not there',
    ],
  });
});

test('without drift what is not there is an error', async () => {
  expect(await ended(absent, false)).toEqual({ outcome: absent, told: [] });
});

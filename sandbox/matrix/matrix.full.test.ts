import { expect, test } from 'vitest';
import { play, type Row, rowsOf, sample, subjects, undisturbed } from './index.ts';

/* A sample of what `npm run matrix` does whole; another seed takes other rows. */

const seed = 1;

test.each([
  ['kubeconfig', 4],
  ['dns', 8],
  ['promote/commit', 6],
  ['promote/pull-request', 6],
  ['plan', 3],
  ['apply', 2],
] as const)('%s ends as if nothing had happened, in %i worlds in which something did', async (name, count) => {
  const subject = await (subjects[name] as NonNullable<(typeof subjects)[string]>)();
  try {
    const expected = await undisturbed(subject);
    const queue = sample(rowsOf(expected), count, seed).values();
    const failed: [Row, string[], string][] = [];
    const lane = async () => {
      for (const row of queue) {
        const { problems, log } = await play(subject, expected, row);
        if (problems.length > 0) failed.push([row, problems, log]);
      }
    };
    await Promise.all([lane(), lane()]);
    expect(failed).toEqual([]);
  } finally {
    await subject.close();
  }
});

import { expect, test } from 'vitest';
import { play, type Row, rowsOf, sample, subjects, undisturbed } from './index.ts';

/* A sample of what `npm run matrix` does whole; another seed takes other rows. */

const seed = 1;

test.each([
  ['kubeconfig', 4],
  ['dns', 6],
  ['promote/commit', 5],
  ['promote/pull-request', 5],
  ['plan', 2],
  ['apply', 1],
] as const)('%s ends as if nothing had happened, in worlds in which something did', async (name, count) => {
  const subject = await (subjects[name] as NonNullable<(typeof subjects)[string]>)();
  try {
    const expected = await undisturbed(subject);
    const all = rowsOf(expected);
    // Each kill between two calls of ours, where an action is quick enough.
    const kills = all.filter(({ call, what }) => count > 3 && call.by === 'us' && what === 'kill');
    const queue = new Set([...kills, ...sample(all, count, seed)]).values();
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

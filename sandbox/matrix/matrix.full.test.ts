import { expect, test } from 'vitest';
import { play, type Row, rowsOf, sample, subjects, undisturbed } from './index.ts';

/*
 * A sample of what `npm run matrix` does whole, and where it costs little every kill; another seed takes other rows. Of apply
 * and teardown there is none here: each of their rows makes a whole environment, or takes one down.
 */

const seed = 1;
/** Bootstrap's rows take nine minutes on two idle cores, in milliseconds. */
const patience = 30 * 60_000;
/** Of the kills amid what kubectl writes: it writes one object after the other. */
const amid = 2;

test.each([
  { name: 'kubeconfig', count: 2 },
  { name: 'dns', count: 4, kills: true },
  { name: 'promote/commit', count: 3, kills: true },
  { name: 'promote/pull-request', count: 5 },
  { name: 'plan', count: 1 },
  { name: 'bootstrap', count: 1, kills: true },
])(
  '$name ends as if nothing had happened, in worlds in which something did',
  async ({ name, count, kills = false }) => {
    const subject = await (subjects[name] as NonNullable<(typeof subjects)[string]>)();
    try {
      const expected = await undisturbed(subject);
      const all = rowsOf(expected);
      const killed = all.filter(({ what }) => kills && what === 'kill');
      const queue = new Set([
        ...killed.filter(({ call }) => call.by === 'us'),
        ...sample(
          killed.filter(({ call }) => call.by === 'kubectl' && call.writes),
          amid,
          seed,
        ),
        ...sample(all, count, seed),
      ]).values();
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
  },
  patience,
);

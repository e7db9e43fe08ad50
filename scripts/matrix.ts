import { parseArgs, styleText } from 'node:util';
import { elapsed } from '../lib/runner/text.ts';
import {
  type Outcome,
  play,
  type Row,
  rowsOf,
  sample,
  subjects,
  undisturbed,
} from '../sandbox/matrix/index.ts';
import bundles from './test-bundles.ts';

/*
 * npm run matrix [-- ACTION…]
 *
 * Kills each action after each of its calls, and lets each call fail in every way, each time in a world of its own; runs the
 * action again and once more, and compares what there is then with a world in which nothing went wrong.
 *
 *   --sample N   only so many rows of each action, which --seed N chooses
 *   --only TEXT  only rows in whose line there is this: a path, a method, "kill"
 *   --jobs N     how many rows at once; 2 unless told
 *   --logs       what the actions printed in each row that fails
 */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sample: { type: 'string', default: 'Infinity' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    jobs: { type: 'string', default: '2' },
    logs: { type: 'boolean', default: false },
  },
});
const isAsked = (name: string) => (asked: string) => name === asked || name.startsWith(`${asked}/`);
const all = Object.keys(subjects);
const unknown = positionals.filter(asked => !all.some(name => isAsked(name)(asked)));
const numbers = [values.sample, values.seed, values.jobs].map(Number);
if (unknown.length > 0 || numbers.some(number => !(number > 0))) {
  const wrong = unknown.length > 0 ? `There is no ${unknown.join(', ')}` : 'A number is none';
  process.stderr.write(
    `${wrong}: npm run matrix -- [ACTION…] [--sample N] [--seed N] [--only TEXT] [--jobs N] [--logs], where ACTION is of ${all.join(', ')}\n`,
  );
  process.exit(2);
}
const names = all.filter(name => positionals.length === 0 || positionals.some(isAsked(name)));

const began = Date.now();
const say = (line: string) => process.stdout.write(`${line}\n`);
const describe = ({ call, what }: Row) => `${call.label} #${call.nth}: ${what}`;
const failed: string[] = [];
const sums: string[] = [];
const removeBundles = await bundles(); // they start in half the time of their sources
try {
  for (const name of names) sums.push(await matrix(name));
} finally {
  await removeBundles();
}
if (failed.length > 0) say(`\nWhat failed:\n${failed.join('\n')}`);
say(`\n${sums.join('\n')}\nin ${elapsed(Date.now() - began)}`);
process.exitCode = failed.length === 0 ? 0 : 1;

/** @returns how many rows of how many were as they have to be */
async function matrix(name: string): Promise<string> {
  const subject = await (subjects[name] as (typeof subjects)[string])();
  try {
    say(`${name}: what happens when nothing does`);
    const expected = await undisturbed(subject);
    const found = rowsOf(expected).filter(row => describe(row).includes(values.only));
    const rows = sample(found, Number(values.sample), Number(values.seed));
    const struck = new Set(found.map(({ call }) => call)).size;
    say(
      `${name}: ${expected.calls.length} calls, of which ${struck} are struck; ${rows.length} of ${found.length} rows`,
    );
    let done = 0;
    const queue = rows.values();
    const lane = async () => {
      for (const row of queue) {
        const outcome = await play(subject, expected, row);
        tell(name, `${++done} of ${rows.length}`, outcome);
      }
    };
    const before = failed.length;
    await Promise.all(Array.from({ length: Number(values.jobs) }, lane));
    return `${name}: ${rows.length - (failed.length - before)} of ${rows.length}`;
  } finally {
    await subject.close();
  }
}

function tell(name: string, count: string, outcome: Outcome): void {
  const { problems, log } = outcome;
  const line = `${name}  ${describe(outcome)}`;
  const time = styleText('dim', `${count}, ${elapsed(Date.now() - began)}`);
  if (problems.length === 0) {
    say(`${styleText('green', '✓')} ${line} ${time}`);
    return;
  }
  const block = [line, ...problems].join('\n    ');
  failed.push(`  ${block}`);
  say(`${styleText('red', '✗')} ${block} ${time}`);
  if (values.logs) say(log.replace(/^::(add-mask|debug).*\n/gm, ''));
}

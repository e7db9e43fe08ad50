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
 * npm run matrix [-- ACTION…] [--sample N] [--seed N] [--only TEXT]
 *
 * Kills each action after each of its calls, and lets each call fail in every way, each time in a world of its own; runs the
 * action again and once more, and compares what there is then with a world in which nothing went wrong.
 */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    jobs: { type: 'string', default: '2' },
    logs: { type: 'boolean', default: false },
  },
});
const names = Object.keys(subjects).filter(
  name => positionals.length === 0 || positionals.some(each => name === each || name.startsWith(`${each}/`)),
);
if (names.length === 0) {
  process.stderr.write(
    `Usage: npm run matrix [-- ACTION…] [--sample N], where ACTION is of ${Object.keys(subjects).join(', ')}\n`,
  );
  process.exit(2);
}
const began = Date.now();
const say = (line: string) => process.stdout.write(`${line}\n`);
const describe = ({ call, what }: Row) => `${call.label} #${call.nth}: ${what}`;
const failed: [string, Outcome][] = [];
const sums: string[] = [];

const removeBundles = await bundles(); // they start in half the time of their sources
for (const name of names) {
  const subject = await (subjects[name] as (typeof subjects)[string])();
  try {
    const expected = await undisturbed(subject);
    const all = rowsOf(expected).filter(row => describe(row).includes(values.only));
    const rows = values.sample ? sample(all, Number(values.sample), Number(values.seed)) : all;
    const calls = new Set(all.map(({ call }) => `${call.label} ${call.nth}`)).size;
    say(`${name}: ${expected.calls.length} calls, ${calls} to strike, ${rows.length} of ${all.length} rows`);
    let [done, good, told] = [0, 0, Date.now()];
    const queue = rows.values();
    const lane = async () => {
      for (const row of queue) {
        const outcome = await play(subject, expected, row);
        done++;
        if (outcome.problems.length === 0) good++;
        else {
          failed.push([name, outcome]);
          say(styleText('red', `${name}  ${describe(row)}`));
          for (const problem of outcome.problems) say(`  ${problem}`);
          if (values.logs) say(outcome.log.replace(/^::(add-mask|debug).*\n/gm, ''));
        }
        if (Date.now() - told < 5000) continue;
        told = Date.now();
        say(styleText('dim', `${name}: ${done} of ${rows.length} (${elapsed(told - began)})`));
      }
    };
    await Promise.all(Array.from({ length: Number(values.jobs) }, lane));
    sums.push(`${name}: ${good} of ${rows.length}`);
  } finally {
    await subject.close();
  }
}

await removeBundles();
if (failed.length > 0) say('\nWhat failed:');
for (const [name, outcome] of failed)
  say(`  ${name}  ${describe(outcome)}\n    ${outcome.problems.join('\n    ')}`);
say(`\n${sums.join('\n')}\nin ${elapsed(Date.now() - began)}`);
process.exitCode = failed.length === 0 ? 0 : 1;

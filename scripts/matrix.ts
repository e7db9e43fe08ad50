import { styleText } from 'node:util';
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
import { ended, type Options, options } from './matrix/options.ts';
import bundles from './test-bundles.ts';

/*
 * npm run matrix [-- ACTION…]
 *
 * Kills an action after each of its calls, and lets each call fail in every way, each time in a world of its own; runs the
 * action again and once more, and compares what there is then with a world in which nothing went wrong. Of what Terraform
 * and kubectl ask on their own the first of each kind is struck, and the last of each that writes: a state's last upload is
 * where it gets lost. Bootstrap has no world here; which actions have is in sandbox/matrix/index.ts.
 *
 *   --sample N   only so many rows of each action, which --seed N chooses
 *   --only TEXT  only rows in whose line there is this: a path, a method, "kill"
 *   --jobs N     how many rows at once; 2 unless told
 *   --logs       what the actions printed in each row that fails
 */

const asked = wanted();
const began = Date.now();
const say = (line: string) => process.stdout.write(`${line}\n`);
const describe = ({ call, what }: Row) => `${call.label} #${call.nth}: ${what}`;
const failed: string[] = [];
const sums: string[] = [];
let tried = 0;
const removeBundles = await bundles(); // they start in half the time of their sources
try {
  for (const name of asked.names) sums.push(await matrix(name));
} finally {
  await removeBundles();
}
if (failed.length > 0) say(`\nWhat failed:\n${failed.join('\n')}`);
say(`\n${sums.join('\n')}\nin ${elapsed(Date.now() - began)}`);
const { code, sentence } = ended({ rows: tried, failed: failed.length }, asked);
if (sentence) process.stderr.write(`${sentence}\n`);
process.exitCode = code;

function wanted(): Options {
  try {
    return options(process.argv.slice(2), Object.keys(subjects));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(2);
  }
}

/** @returns how many rows of how many were as they have to be */
async function matrix(name: string): Promise<string> {
  const subject = await (subjects[name] as (typeof subjects)[string])();
  try {
    say(`${name}: what happens when nothing does`);
    const expected = await undisturbed(subject);
    const found = rowsOf(expected).filter(row => describe(row).includes(asked.only));
    const rows = sample(found, asked.sample, asked.seed);
    tried += rows.length;
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
    await Promise.all(Array.from({ length: asked.jobs }, lane));
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
  if (asked.logs) say(log.replace(/^::(add-mask|debug).*\n/gm, ''));
}

import { join } from 'node:path';
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
import { commitOf, type Ledger, ledger } from './matrix/ledger.ts';
import { ended, help, type Options, options } from './matrix/options.ts';
import bundles from './test-bundles.ts';

/*
 * npm run matrix [-- ACTION…]
 *
 * Kills an action after each of its calls, and lets each call fail in every way, each time in a world of its own; runs the
 * action again, and once more where that run had not done everything, and compares what there is then with a world in which
 * nothing went wrong. Of what Terraform, kubectl and git ask on their own the first of each kind is struck, and the last of
 * each that writes: a state's last upload is where it gets lost. All of it takes hours; what is to come is told beside each row.
 */

const { asked, done } = wanted();
const began = Date.now();
const say = (line: string) => process.stdout.write(`${line}\n`);
const describe = ({ call, what }: Row) => `${call.label} #${call.nth}: ${what}`;
const failed: string[] = [];
const sums: string[] = [];
const total = { rows: 0, isCut: false };
const isOver = () => Date.now() - began > asked.minutes * 60_000;
if (done.others > 0) say(`${asked.resume}: ${done.others} rows of other commits do not count`);
const removeBundles = await bundles(); // they start in half the time of their sources
try {
  for (const name of asked.names) sums.push(await matrix(name).catch(error => brokenOff(name, error)));
} finally {
  await removeBundles();
}
if (failed.length > 0) say(`\nWhat failed:\n${failed.join('\n')}`);
say(`\n${sums.join('\n')}\nin ${elapsed(Date.now() - began)}`);
const { code, sentence } = ended({ ...total, failed: failed.length }, asked);
if (sentence) process.stderr.write(`${sentence}\n`);
process.exitCode = code;

function wanted(): { asked: Options; done: Ledger } {
  try {
    const all = Object.keys(subjects);
    const found = options(process.argv.slice(2), all);
    const commit = found?.resume ? commitOf(join(import.meta.dirname, '..')) : '';
    if (found) return { asked: found, done: ledger(found.resume, commit) };
    process.stdout.write(help(all));
    process.exit();
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(2);
  }
}

/** @returns how many rows of how many were as they have to be */
async function matrix(name: string): Promise<string> {
  if (isOver()) {
    total.isCut = true;
    return `${name}: not begun`;
  }
  const subject = await (subjects[name] as (typeof subjects)[string])();
  try {
    say(`${name}: what happens when nothing does`);
    const expected = await undisturbed(subject);
    const found = rowsOf(expected).filter(row => describe(row).includes(asked.only));
    const rows = sample(found, asked.sample, asked.seed);
    const open = rows.filter(row => !done.has(title(name, row)));
    const struck = new Set(found.map(({ call }) => call)).size;
    const before = rows.length - open.length;
    say(
      `${name}: ${expected.calls.length} calls, of which ${struck} are struck; ${rows.length} of ${found.length} rows${before > 0 ? `, ${before} done before` : ''}`,
    );
    const [start, wrong] = [Date.now(), failed.length];
    let tried = 0;
    const queue = open.values();
    const lane = async () => {
      for (const row of queue) {
        if (isOver()) return;
        const outcome = await play(subject, expected, row);
        const left = open.length - ++tried;
        const each = (Date.now() - start) / tried;
        tell(
          name,
          outcome,
          `${tried} of ${open.length}, ${elapsed(Date.now() - began)}, about ${elapsed(left * each)} to go`,
        );
      }
    };
    await Promise.all(Array.from({ length: asked.jobs }, lane));
    const left = open.length - tried;
    total.rows += rows.length;
    total.isCut ||= left > 0;
    const good = rows.length - left - (failed.length - wrong);
    return `${name}: ${good} of ${rows.length}${left > 0 ? `, ${left} not tried` : ''}`;
  } finally {
    await subject.close();
  }
}

/** One action that cannot be tried is no reason not to try the others. */
function brokenOff(name: string, error: unknown): string {
  const block = `${name}: ${error instanceof Error ? error.message : String(error)}`;
  failed.push(`  ${block}`);
  say(`${styleText('red', '✗')} ${block}`);
  return `${name}: broken off`;
}

function title(name: string, row: Row): string {
  return `${name}  ${describe(row)}`;
}

function tell(name: string, outcome: Outcome, progress: string): void {
  const { problems, log } = outcome;
  const line = title(name, outcome);
  const time = styleText('dim', progress);
  if (problems.length === 0) {
    done.add(line);
    say(`${styleText('green', '✓')} ${line} ${time}`);
    return;
  }
  const block = [line, ...problems].join('\n    ');
  failed.push(`  ${block}`);
  say(`${styleText('red', '✗')} ${block} ${time}`);
  if (asked.logs) say(log.replace(/^::(add-mask|debug).*\n/gm, ''));
}

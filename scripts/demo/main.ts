import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { closest } from '../../lib/platform/closest.ts';
import { UserError } from '../../lib/runner/errors.ts';
import { reportError } from '../../lib/runner/report.ts';
import { terminalRunner } from '../../lib/runner/terminal.ts';
import { elapsed } from '../../lib/runner/text.ts';
import { enter, heard, isInside } from '../../sandbox/internet.ts';
import { prepareMachine } from '../../sandbox/node/doctor.ts';
import { openSandbox, sandboxTools } from '../../sandbox/sandbox.ts';
import { type BuildEvent, build, sentence } from '../../sandbox/tools/build.ts';
import { howToLookAround } from './around.ts';
import { fetchAll } from './fetch.ts';
import { fullStory } from './full-story.ts';
import { preflight } from './preflight.ts';
import { environments, story } from './story.ts';
import { timeline } from './timeline.ts';

const root = join(import.meta.dirname, '../..');
const started = Date.now();
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () =>
    stop.abort(new UserError(`Stopped by ${signal}: everything that was started has been ended`)),
  );
}

async function main(args: string[]): Promise<void> {
  const { keep, full } = readOptions(args);
  if (!isInside()) await preflight(join(root, 'platform.yaml'), full);
  if (full && !isInside()) {
    await prepareMachine(text => process.stdout.write(`${text}\n`));
    process.exit(await enter(fetchAll)); // all is said and done in there
  }

  const line = timeline();
  const say = (event: BuildEvent) => line.aside(sentence(event));
  const failed = new AbortController();
  if (full) heard(say).catch(error => failed.abort(error));
  else build(sandboxTools, say).catch(() => {}); // whoever needs the tool hears of it
  const sandbox = await orStopped(openSandbox({ full, ahead: environments.length }), failed.signal);
  const broken = AbortSignal.any([sandbox.run.broken, failed.signal]);
  try {
    const tell = full ? fullStory : story;
    await orStopped(tell(sandbox, line, { teardown: !keep }), broken);
    if (!keep) return;
    process.stdout.write(`\n${await howToLookAround(sandbox)}\n`);
    await orStopped(new Promise(() => {}), broken).catch(error => {
      if (!stop.signal.aborted) throw error;
    });
  } catch (error) {
    // Whoever meets it first tells it in its own words, if at all: Node, etcd, PostgreSQL, Terraform.
    throw !stop.signal.aborted && (await isFull(sandbox.run.folder)) ? diskFull() : error;
  } finally {
    await sandbox.close();
  }
}

/** The work's result, unless somebody stops the demo or what it runs on breaks. */
function orStopped<T>(work: Promise<T>, broken?: AbortSignal): Promise<T> {
  const signal = AbortSignal.any(broken ? [stop.signal, broken] : [stop.signal]);
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason));
    work.then(resolve, reject);
  });
}

const options = ['--keep', '--full'];
const usage = `Usage: npm run demo [-- --full] [--keep]

Plays a platform's whole life on this machine, against stand-ins: no account, nothing sent out.
  --full  with real nodes, on which Argo CD, Traefik and the shop run as pods; needs Linux and root
  --keep  leaves out the teardown, keeps everything up until ^C, and says how to look around

The first run compiles the real parts: about ten minutes on two cores, with --full about twenty more.
`;

function readOptions(args: string[]): { keep: boolean; full: boolean } {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(usage);
    process.exit();
  }
  const unknown = args.find(argument => !options.includes(argument));
  if (unknown !== undefined) {
    const hint = closest(unknown, options);
    throw new UserError(
      `The demo has no option ${unknown}: ${hint ? `did you mean ${hint}?` : `it takes ${options.join(' and ')}`}`,
    );
  }
  return { keep: args.includes('--keep'), full: args.includes('--full') };
}

try {
  await main(process.argv.slice(2));
  process.stdout.write(
    `\n${styleText('green', '✓')} Done in ${elapsed(Date.now() - started)}; nothing is left running.\n`,
  );
} catch (error) {
  reportError(terminalRunner(), error instanceof Error ? asUserError(error) : error);
  process.exitCode = stop.signal.aborted ? 130 : 1;
}
// Whatever still goes on (a compiler, a job that was not waited for) ends with this process: the guards see to it.
process.exit();

/** What the machine or a tool refuses is not a bug of ours. */
function asUserError(error: Error): Error {
  const { code, name, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || /ENOSPC|no space left on device/i.test(message)) return diskFull();
  return ['ToolError', 'ProcessError'].includes(name) ? new UserError(message) : error;
}

function diskFull(): UserError {
  return new UserError(
    `The disk is full: make room in ${tmpdir()}, or set TMPDIR to a folder on a larger disk, and run the demo again`,
  );
}

/** Asked while everything that fills it is still there; a megabyte is less than any part writes at once. */
async function isFull(folder: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize < 1024 * 1024;
}

import { join } from 'node:path';
import { styleText } from 'node:util';
import { closest } from '../../lib/platform/closest.ts';
import { UserError } from '../../lib/runner/errors.ts';
import { reportError } from '../../lib/runner/report.ts';
import { terminalRunner } from '../../lib/runner/terminal.ts';
import { elapsed } from '../../lib/runner/text.ts';
import { enter, isInside } from '../../sandbox/internet.ts';
import { prepareMachine } from '../../sandbox/node/doctor.ts';
import { diskFull } from './disk.ts';
import { preflight } from './preflight.ts';

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
  if (!isInside()) {
    process.stdout.write('Looking whether this machine has what the demo needs\n');
    await preflight(join(root, 'platform.yaml'), full);
  }
  if (full && !isInside()) {
    const { fetchAll } = await import('./fetch.ts');
    await prepareMachine(text => process.stdout.write(`${text}\n`));
    process.exit(await enter(fetchAll)); // all is said and done in there
  }

  // Most of what the demo is made of: loaded when nothing is in its way any more.
  const { play } = await import('./play.ts');
  await play({ keep, full, stop: stop.signal });
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

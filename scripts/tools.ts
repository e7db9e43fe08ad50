/*
 * npm run tools [-- NAME…] [--list]   builds the real parts of the sandbox and prints their paths; or shows what is there
 */
import { parseArgs, styleText } from 'node:util';
import { type BuildEvent, build, duration, sentence, tool } from '../sandbox/tools/build.ts';
import { cacheFolder, isBuilt, toolPath } from '../sandbox/tools/cache.ts';
import { ToolError } from '../sandbox/tools/errors.ts';
import { pinned, type ToolName, toolNames } from '../sandbox/tools/parts.ts';

const usage = `Usage: npm run tools [-- NAME…] [--list]

Builds the real parts of the sandbox that are missing, and prints their paths. With --list it shows what is there.
NAME is one of ${toolNames.join(', ')}.`;

function chosen(names: string[]): ToolName[] {
  const unknown = names.filter(name => !toolNames.includes(name as ToolName));
  if (unknown.length > 0) {
    throw new ToolError(`There is no tool called ${unknown.join(', ')}; there are ${toolNames.join(', ')}.`);
  }
  return names.length > 0 ? (names as ToolName[]) : toolNames;
}

function list(names: ToolName[]): void {
  const width = Math.max(...names.map(name => name.length));
  for (const name of names) {
    const where = isBuilt(name) ? toolPath(name) : styleText('dim', 'not built yet');
    console.log(`${name.padEnd(width)}  ${pinned(name).padEnd(8)}  ${where}`);
  }
  console.log(`\nThe cache is ${cacheFolder()}; removing it costs one cold build.`);
}

/** Prints events to standard error; on a terminal the running build has a clock. */
function progress(): (event: BuildEvent) => void {
  const live = process.stderr.isTTY;
  let clock: NodeJS.Timeout | undefined;
  return event => {
    clearInterval(clock);
    process.stderr.write(
      `${live ? '\r\x1b[2K' : ''}${sentence(event)}${live && event.kind === 'started' ? '' : '\n'}`,
    );
    if (!live || event.kind !== 'started') return;
    const start = performance.now();
    clock = setInterval(() => {
      const elapsed = duration(Math.round((performance.now() - start) / 1000));
      process.stderr.write(`\r\x1b[2K${sentence(event)} ${styleText('dim', elapsed)}`);
    }, 1000).unref();
  };
}

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { list: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  const names = chosen(positionals);
  if (values.help) {
    console.log(usage);
  } else if (values.list) {
    list(names);
  } else {
    await build(names, progress());
    for (const name of names) console.log(`${name} ${await tool(name)}`);
  }
} catch (error) {
  if (!(error instanceof ToolError) && !(error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS'))
    throw error;
  // What Node says goes on about arguments that look like options; its first sentence is enough.
  const [message = ''] = (error as Error).message.split('. To specify');
  console.error(`${process.stderr.isTTY ? '\r\x1b[2K' : ''}${message}`);
  process.exitCode = 1;
}

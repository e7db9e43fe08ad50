import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareMachine } from '../sandbox/node/doctor.ts';
import { build, sentence } from '../sandbox/tools/build.ts';
import { describe, toolNames } from '../sandbox/tools/parts.ts';
import { installServices, type Service, services } from './services.ts';

/*
 * npm test [FILTER…]        the unit tests, then those on real parts, and the services' beside them; what is missing is built
 *                           meanwhile
 * npm run test:full …       those that need minutes: kills, load, everything at once
 *                           as root on Linux the machine is made fit for real nodes first; elsewhere their tests are left out
 *
 * The last line sums all suites. What failed before its first test counts as failed too.
 */

interface Sum {
  passed: number;
  failed: number;
  skipped: number;
}

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

const full = process.argv.includes('--full');
const filters = process.argv.slice(2).filter(argument => argument !== '--full');
const root = join(import.meta.dirname, '..');
const scratch = await mkdtemp(join(tmpdir(), 'slipway-test-'));
const sum: Sum = { passed: 0, failed: 0, skipped: 0 };

try {
  const wanted = toolNames.filter(name => !describe(name).late && (full || !describe(name).full));
  const tools = attempt(() => build(wanted, event => say(sentence(event))));
  const installed = attempt(() => installServices(say));
  const onRealParts = async (name: string) => {
    if (await tools) await suite(name, [name], root, filters);
    else sum.failed++;
  };
  const ofServices = async (shown?: Promise<unknown>) => {
    if (!(await installed)) sum.failed++;
    else if (shown) await Promise.all(services.map(service => serviceSuite(service, shown)));
    else for (const service of services) await serviceSuite(service);
  };
  if (full) {
    await prepareNodes();
    await ofServices();
    await onRealParts('full');
  } else {
    const own = suite('unit', ['unit'], root, filters).then(() => onRealParts('real'));
    await Promise.all([own, ofServices(own)]);
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
process.exitCode = sum.failed === 0 ? 0 : 1;
process.stdout.write(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped\n`);

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Whether it could be done; if not, it has been said why. */
async function attempt(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    say((error as Error).message);
    return false;
  }
}

/** Without it every test that needs a real node would leave itself out on a machine that could have one. */
async function prepareNodes(): Promise<void> {
  try {
    await prepareMachine(say);
  } catch (error) {
    const why = (error as Error).message.replaceAll('\n', ' ');
    say(`Left out: all tests that need a real node (sandbox/node, the full demo). ${why}`);
  }
}

/**
 * A service's own tests, by its own vitest: they wait more than they reckon. Filters that name another place leave it out.
 * @param shown when what they say may be printed
 */
async function serviceSuite({ name, folder }: Service, shown?: Promise<unknown>): Promise<void> {
  const place = `services/${name}`;
  const own = filters
    .filter(filter => filter.startsWith(place))
    .map(filter => filter.slice(place.length + 1));
  if (filters.length > 0 && own.length === 0) return;
  await suite(name, full ? ['full'] : ['unit', 'real'], folder, own.filter(Boolean), shown);
}

/** @param shown when what it says may be printed, as a whole; without it, that is shown as it comes */
async function suite(
  name: string,
  projects: string[],
  folder: string,
  only: string[],
  shown?: Promise<unknown>,
): Promise<void> {
  const file = join(scratch, `${name}.json`);
  const args = [
    'run',
    ...projects.map(project => `--project=${project}`),
    '--passWithNoTests',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
    // Each of the full ones keeps several processors busy by itself.
    ...(full ? [`--maxWorkers=${availableParallelism()}`] : []),
    ...only,
  ];
  const { code, said } = await vitest(folder, args, shown ? 'pipe' : 'inherit');
  const found = await readFile(file, 'utf8').then(
    text => count(JSON.parse(text) as Report),
    () => ({ passed: 0, failed: 0, skipped: 0 }),
  );
  // An error outside any test (a set-up, an unhandled rejection, a crash) fails the run without failing a test.
  if (code !== 0 && found.failed === 0) found.failed = 1;
  sum.passed += found.passed;
  sum.failed += found.failed;
  sum.skipped += found.skipped;
  await shown;
  process.stdout.write(said);
}

function count(report: Report): Sum {
  const unstarted = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some(test => test.status === 'failed'),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unstarted.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

function vitest(
  folder: string,
  args: string[],
  output: 'pipe' | 'inherit',
): Promise<{ code: number; said: Buffer }> {
  const command = join(folder, 'node_modules/.bin/vitest');
  const env = {
    ...process.env,
    ...(output === 'pipe' && process.stdout.isTTY && !process.env.NO_COLOR && { FORCE_COLOR: '1' }),
  };
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: folder, env, stdio: ['ignore', output, output] });
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', chunk => chunks.push(chunk));
    child.once('error', reject);
    child.once('close', code => resolve({ code: code ?? 1, said: Buffer.concat(chunks) }));
  });
}

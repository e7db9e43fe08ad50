import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, sentence } from '../sandbox/tools/build.ts';
import { describe, toolNames } from '../sandbox/tools/parts.ts';

/*
 * npm test [FILTER…]        the unit tests, then those on real parts; the parts are built while the first run
 * npm run test:full …       those that need minutes: kills, load, everything at once
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
  const tools = buildTools();
  if (!full) await suite('unit');
  if (await tools) await suite(full ? 'full' : 'real');
  else sum.failed++;
} finally {
  await rm(scratch, { recursive: true, force: true });
}
process.exitCode = sum.failed === 0 ? 0 : 1;
process.stdout.write(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped\n`);

async function buildTools(): Promise<boolean> {
  try {
    const names = toolNames.filter(name => !describe(name).late);
    await build(names, event => process.stdout.write(`${sentence(event)}\n`));
    return true;
  } catch (error) {
    process.stdout.write(`${(error as Error).message}\n`);
    return false;
  }
}

async function suite(project: 'unit' | 'real' | 'full'): Promise<void> {
  const file = join(scratch, `${project}.json`);
  const code = await vitest([
    'run',
    `--project=${project}`,
    '--passWithNoTests',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
    // Each of the full ones keeps several processors busy by itself.
    ...(project === 'full' ? [`--maxWorkers=${availableParallelism()}`] : []),
    ...filters,
  ]);
  const found = await readFile(file, 'utf8').then(
    text => count(JSON.parse(text) as Report),
    () => ({ passed: 0, failed: 0, skipped: 0 }),
  );
  // An error outside any test (a set-up, an unhandled rejection, a crash) fails the run without failing a test.
  if (code !== 0 && found.failed === 0) found.failed = 1;
  sum.passed += found.passed;
  sum.failed += found.failed;
  sum.skipped += found.skipped;
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

function vitest(args: string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn('vitest', args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', reject);
    child.once('close', code => resolve(code ?? 1));
  });
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runAction } from '../../sandbox/runner.ts';
import { openSandbox } from '../../sandbox/sandbox.ts';
import { seedShop } from '../../sandbox/shop.ts';
import type { Benchmark } from '../bench.ts';
import { build } from '../build.ts';

const rounds = 9;
const actions = ['plan', 'apply', 'kubeconfig', 'bootstrap', 'dns', 'promote', 'teardown'];

/** How long somebody waits for the first line of each bundled action's dry run, on a platform that is up. */
export const benchmark: Benchmark = async say => {
  await using sandbox = await openSandbox();
  const bundles = join(sandbox.run.folder, 'dist');
  await build(bundles);
  const { files, platform } = await seedShop(sandbox);
  const cwd = join(sandbox.run.folder, 'checkout');
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(cwd, file)), { recursive: true });
    await writeFile(join(cwd, file), text);
  }
  await sandbox.github.repository(platform).commit({ files, message: 'Describe the platform' });
  // GitHub's runners have no compiled code from last time.
  const { NODE_COMPILE_CACHE: _, ...environment } = await sandbox.environment();
  const env = { ...environment, ...sandbox.secrets };

  /** Milliseconds from the start of the process to its first line; the run must end well. */
  const firstLine = async (action: string, inputs: Record<string, string>): Promise<number> => {
    let from = 0;
    let to = 0;
    const { code, log } = await runAction({
      ...{ action, inputs, env, cwd, bundles },
      started: () => (from ||= performance.now()),
      onLine: () => (to ||= performance.now()),
    });
    if (code !== 0) throw new Error(`${action} failed:\n${log}`);
    return to - from;
  };
  for (const action of ['apply', 'bootstrap']) {
    say(`${action} staging, so that there is something to look at`);
    await firstLine(action, { environment: 'staging' });
  }

  const ratios = new Map(actions.map(action => [action, [] as number[]]));
  for (let round = 1; round <= rounds; round++) {
    say(`round ${round} of ${rounds}`);
    for (const action of actions) {
      const inputs = {
        environment: action === 'promote' ? 'production' : 'staging',
        ...(action !== 'kubeconfig' && { 'dry-run': 'true' }),
        ...(action === 'teardown' && { confirm: 'staging' }),
      };
      const bare = await bareNode(env);
      ratios.get(action)?.push((await firstLine(action, inputs)) / bare);
    }
  }
  return {
    figures: Object.fromEntries(
      [...ratios].map(([action, values]) => [action, Number(median(values).toFixed(2))]),
    ),
    legend: `time to the first line / time of \`node -e 0\`, median of ${rounds} pairs`,
  };
};

async function bareNode(env: Record<string, string>): Promise<number> {
  const from = performance.now();
  await once(spawn(process.execPath, ['-e', '0'], { env, stdio: 'ignore' }), 'close');
  return performance.now() - from;
}

const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { allProcesses, processesOf } from '../../sandbox/processes.ts';

const shop = join(import.meta.dirname, '../shop.ts');

async function open() {
  const child = spawn(process.execPath, [shop], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (output += chunk));
  await expect.poll(() => output, { timeout: 120_000, interval: 200 }).toContain('^C closes the shop');
  const folder = /are in (\S+)\/logs/.exec(output)?.[1] ?? '';
  return { child, folder, output: () => output };
}
const left = (folder: string) => ({
  folder: existsSync(folder),
  processes: processesOf(folder, allProcesses()).length,
});

test.each(['SIGINT', 'SIGKILL'] as const)('%s leaves nothing', async signal => {
  const { child, folder, output } = await open();
  expect(output()).toMatch(/http:\/\/shop\.example\.localhost:\d+/);
  const before = left(folder);
  expect([before.folder, before.processes > 4]).toEqual([true, true]);
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
  await expect.poll(() => left(folder), { timeout: 20_000 }).toEqual({ folder: false, processes: 0 });
  if (signal === 'SIGINT')
    expect([child.exitCode, output()]).toEqual([0, expect.stringContaining('nothing is left')]);
});

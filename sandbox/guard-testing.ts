import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { expect } from 'vitest';

export interface Owner {
  child: ChildProcess;
  /** The run's folder, which the owner says when what it starts is running. */
  folder: string;
}

/** For expect.poll, on a machine that has much else to do. */
export const patiently = { timeout: 30_000 };

export const script = (body: string) => `
  import { setTimeout as sleep } from 'node:timers/promises';
  import { openRun } from ${JSON.stringify(import.meta.resolve('./run.ts'))};
  const run = openRun();
  process.once('SIGUSR2', () => run.close().then(() => process.exit()));
  await run.start('plain', 'sleep', ['1000']);
  await run.start('family', 'sh', ['-c', 'sleep 1000 & (unset TMPDIR; exec sleep 1000) & wait']);
  console.log(run.folder);
  ${body}`;

/** A process that opens a run with children and does then what `body` says; SIGUSR2 makes it close the run. */
export async function owner(
  body: string,
  options: { wrap?: string[]; uid?: number; gid?: number } = {},
): Promise<Owner> {
  const { wrap = [], ...user } = options;
  const [command = '', ...args] = [...wrap, process.execPath, '--input-type=module', '-e', script(body)];
  const child = spawn(command, args, {
    ...user,
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  for await (const folder of createInterface({ input: child.stdout })) return { child, folder };
  throw new Error('the owner said nothing');
}

/** Every process that has to do with the folder: by its environment, its arguments or where it is. */
export function witnesses(folder: string): string[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(pid => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        const all = command + readFileSync(`/proc/${pid}/environ`, 'utf8');
        return all.includes(folder) ? [`${pid} ${command}`] : [];
      } catch {
        return [];
      }
    });
}

export async function expectGone({ folder }: Owner): Promise<void> {
  await expect.poll(() => existsSync(folder), patiently).toBe(false);
  await expect.poll(() => witnesses(folder), patiently).toEqual([]);
}

/** For bodies that do not end. */
export const forever = 'await sleep(1e9);';

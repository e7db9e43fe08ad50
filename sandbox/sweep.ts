import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { allProcesses, processesOf, withDescendants } from './processes.ts';
import { removeSegmentsOf } from './shared-memory.ts';

/**
 * Kills every process of a run and removes what they leave: segments of shared memory and the folder.
 * @throws Error naming the pids, when some are still there after half a minute (a dead disk can hold a process)
 */
export async function sweep(folder: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  const killed = new Set<number>();
  // Between exec and its first instruction a process shows an empty environment: only the second quiet look counts.
  for (let quiet = 0; quiet < 2; ) {
    const found = processesOf(folder, allProcesses()).filter(pid => pid !== process.pid);
    quiet = found.length > 0 ? 0 : quiet + 1;
    if (found.length > 0 && Date.now() > deadline)
      throw new Error(
        `Processes ${found.join(', ')} of ${folder} cannot be killed: end them, then remove the folder.`,
      );
    for (const pid of found) kill(killed, pid);
    await sleep(20);
  }
  removeSegmentsOf(killed);
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}

/** Kills a process, its group, and what descends from it in groups of its own. */
export function killFamily(pid: number): void {
  const killed = new Set<number>();
  for (const one of [-pid, ...withDescendants([pid], allProcesses())]) kill(killed, one);
  removeSegmentsOf(killed);
}

function kill(killed: Set<number>, pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
    killed.add(pid);
  } catch {
    // Gone meanwhile; what may not be killed is found again by the next look.
  }
}

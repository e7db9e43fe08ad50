import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { removeCables } from './cables.ts';
import { removeCgroup } from './cgroups.ts';
import { allProcesses, processesOf, withDescendants } from './processes.ts';
import { removeSegmentsOf } from './shared-memory.ts';

/**
 * Kills every process of a run and removes what they leave: segments of shared memory, what nodes have outside of it
 * under its name (cables, cgroups), and the folder.
 * @throws Error naming the pids, when some are still there after half a minute (a dead disk can hold a process)
 */
export async function sweep(folder: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  const stopped = new Set<number>();
  const killed = new Set<number>();
  // Between exec and its first instruction a process shows an empty environment: only the second quiet look counts.
  for (let quiet = 0; quiet < 2; ) {
    const all = allProcesses();
    // Who lacks the run's TMPDIR is known by its parent alone. So all are stopped, until a look finds nobody new, and then
    // killed together: a child that was made during a look is not lost, nor one whose parent has died since.
    const known = [...processesOf(folder, all), ...stopped];
    const found = withDescendants(known, all).filter(pid => pid !== process.pid);
    quiet = found.length > 0 ? 0 : quiet + 1;
    if (found.length > 0 && Date.now() > deadline)
      throw new Error(
        `Processes ${found.join(', ')} of ${folder} cannot be killed: end them, then remove the folder.`,
      );
    const still = found.length === stopped.size;
    for (const pid of found) send(still ? 'SIGKILL' : 'SIGSTOP', pid);
    for (const pid of found) (still ? killed : stopped).add(pid);
    if (still) stopped.clear();
    await sleep(20);
  }
  removeSegmentsOf(killed);
  await removeCables(basename(folder));
  await removeCgroup(basename(folder));
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}

/** Kills a process, its group, and what descends from it in groups of its own. */
export function killFamily(pid: number): void {
  const family = [-pid, ...withDescendants([pid], allProcesses())];
  for (const one of family) send('SIGKILL', one);
  removeSegmentsOf(new Set(family));
}

function send(signal: NodeJS.Signals, pid: number): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone meanwhile; what may not be killed is found again by the next look.
  }
}

import { execFileSync } from 'node:child_process';

/**
 * Removes the System V segments that these processes, now killed, have made. PostgreSQL makes one; it outlives its maker,
 * and no file or process shows it.
 */
export function removeSegmentsOf(pids: Set<number>): void {
  if (pids.size === 0) return;
  try {
    const table = execFileSync('ipcs', ['-m', '-p'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    for (const id of segmentsOf(table, pids)) execFileSync('ipcrm', ['-m', id], { stdio: 'ignore' });
  } catch {
    // No such command here, or gone meanwhile: it is a matter of 56 bytes.
  }
}

/** The ids in what `ipcs -m -p` prints; Linux calls the columns shmid and cpid, macOS ID and CPID. */
export function segmentsOf(table: string, makers: Set<number>): string[] {
  const rows = table.split('\n').map(line => line.trim().split(/\s+/));
  const header = rows.find(row => row.some(name => /^cpid$/i.test(name))) ?? [];
  const id = header.findIndex(name => /^(shm)?id$/i.test(name));
  const maker = header.findIndex(name => /^cpid$/i.test(name));
  return rows.filter(row => makers.has(Number(row[maker]))).flatMap(row => row[id] ?? []);
}

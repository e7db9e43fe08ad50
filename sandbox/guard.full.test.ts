import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';

/** An owner that starts every real part at once and says which ports are in use. */
const script = `
  import { openRun } from ${JSON.stringify(import.meta.resolve('./run.ts'))};
  import { controlPlane } from ${JSON.stringify(import.meta.resolve('./control-plane/index.ts'))};
  import { openEgress } from ${JSON.stringify(import.meta.resolve('./egress.ts'))};
  import { postgres } from ${JSON.stringify(import.meta.resolve('./postgres/index.ts'))};
  import { s3 } from ${JSON.stringify(import.meta.resolve('./s3.ts'))};
  const run = openRun();
  const port = url => console.log(new URL(url).port);
  await Promise.all([
    openEgress(run, [{ host: 'github.com', target: 'http://127.0.0.1:1' }]).then(({ url }) => port(url)),
    s3(run).then(({ url }) => port(url)),
    postgres(run, { name: 'database' }).then(async database => {
      console.log(database.port);
      await database.query('SELECT count(*) FROM generate_series(1, 1e12)');
    }),
    controlPlane(run, { name: 'one' }).then(({ endpoint }) => port(endpoint)),
    controlPlane(run, { name: 'two' }).then(({ endpoint }) => port(endpoint)),
  ]);`;

/** Processes that name the folder in environment or arguments, or have a file in it open. */
function witnesses(folder: string): string[] {
  const read = (path: string) => {
    try {
      return readFileSync(path, 'latin1');
    } catch {
      return '';
    }
  };
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .filter(pid => ['cmdline', 'environ', 'maps'].some(file => read(`/proc/${pid}/${file}`).includes(folder)))
    .map(pid => read(`/proc/${pid}/cmdline`).replaceAll('\0', ' '));
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  return once(socket, 'connect')
    .then(
      () => true,
      () => false,
    )
    .finally(() => socket.destroy());
}

/** System V segments that nobody is attached to: the seventh column counts. */
const orphanedSegments = () =>
  readFileSync('/proc/sysvipc/shm', 'utf8')
    .split('\n')
    .filter(line => line.trim().split(/\s+/)[6] === '0');

const moments = [0, 50, 100, 200, 400, 700, 1100, 1600, 2200, 3000, 4000, 'all is up'] as const;
const signals = ['SIGKILL', 'SIGTERM', 'SIGINT'] as const;

test
  .runIf(process.platform === 'linux')
  .each(moments.map((moment, index) => ({ moment, signal: signals[index % 3] ?? 'SIGKILL' })))(
  'nothing is left of an owner that gets $signal after $moment',
  async ({ moment, signal }) => {
    const folder = mkdtempSync(join(tmpdir(), 'killed-'));
    chmodSync(folder, 0o711); // root's PostgreSQL runs as somebody else
    const others = orphanedSegments();
    const owner = spawn(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, TMPDIR: folder },
      cwd: '/',
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const ports: number[] = [];
    createInterface({ input: owner.stdout }).on('line', line => ports.push(Number(line)));

    if (moment === 'all is up') await expect.poll(() => ports, { timeout: 60_000 }).toHaveLength(5);
    else await sleep(moment);
    owner.kill(signal);

    await expect.poll(() => readdirSync(folder), { timeout: 20_000 }).toEqual([]);
    await expect.poll(() => witnesses(folder), { timeout: 10_000 }).toEqual([]);
    await expect.poll(() => Promise.all(ports.map(isOpen))).not.toContain(true);
    await expect.poll(() => orphanedSegments().filter(line => !others.includes(line))).toEqual([]);
    rmSync(folder, { recursive: true });
  },
);

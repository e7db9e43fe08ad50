import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { onFreePort } from '../ports.ts';
import type { Run } from '../run.ts';
import { placeBinaries } from './binaries.ts';

export interface Credentials {
  user: string;
  password: string;
}

export interface Postgres {
  host: string;
  port: number;
  sslmode: 'disable';
  /** Creates a database that is not there yet; every user may make schemas and tables in it. */
  database(name: string): Promise<void>;
  /** Creates a user or gives it a new password; makes one up unless told. */
  user(name: string, password?: string): Promise<Credentials>;
  uri(credentials: Credentials, database: string): string;
  /** Lets users in from these networks only, as `203.0.113.7/32`; the superuser comes in from anywhere. */
  filter(networks: readonly string[]): Promise<void>;
  /** The rows of one statement, as superuser. */
  query<Row = unknown>(sql: string, values?: unknown[], database?: string): Promise<Row[]>;
  /** Ends it, with its data. */
  stop(): Promise<void>;
}

const execute = promisify(execFile);
const { escapeIdentifier, escapeLiteral } = pg;
const newPassword = () => randomBytes(18).toString('base64url');

/**
 * A real PostgreSQL. Passwords are checked (SCRAM), connections are not encrypted.
 * @param options.host the address it listens on; whoever reaches that may try a password
 */
export async function postgres(
  run: Run,
  { name, host = '127.0.0.1' }: { name: string; host?: string },
): Promise<Postgres> {
  const folder = join(run.folder, name);
  mkdirSync(folder);
  chmodSync(folder, 0o755);
  const owner = await unprivilegedOwner();
  const binaries = await placeBinaries(join(folder, 'installed'));
  const data = join(folder, 'data');
  const superuser = { user: 'postgres', password: newPassword() };
  await initialize();

  return onFreePort(async port => {
    const address = { host, port };

    async function query<Row>(sql: string, values: unknown[] = [], database = 'postgres'): Promise<Row[]> {
      const client = new pg.Client({ ...address, ...superuser, database, connectionTimeoutMillis: 2000 });
      client.on('error', () => {}); // a lost connection fails the query as well
      await client.connect();
      try {
        return (await client.query(sql, values)).rows;
      } finally {
        await client.end();
      }
    }

    const server = await run.start(name, binaries.postgres, [`-D${data}`, ...settings(address)], {
      cwd: folder,
      ...owner,
      ready: () => query('SELECT 1'),
    });

    return {
      ...address,
      sslmode: 'disable',
      query,
      async database(name) {
        const present = await query('SELECT FROM pg_database WHERE datname = $1', [name]);
        if (present.length === 0) await query(`CREATE DATABASE ${escapeIdentifier(name)}`);
        await query(`GRANT CREATE ON DATABASE ${escapeIdentifier(name)} TO PUBLIC`);
        await query('GRANT CREATE ON SCHEMA public TO PUBLIC', [], name);
      },
      async user(name, password = newPassword()) {
        const present = await query('SELECT FROM pg_roles WHERE rolname = $1', [name]);
        const verb = present.length === 0 ? 'CREATE' : 'ALTER';
        await query(`${verb} ROLE ${escapeIdentifier(name)} LOGIN PASSWORD ${escapeLiteral(password)}`);
        return { user: name, password };
      },
      uri({ user, password }, database) {
        const [who, secret, what] = [user, password, database].map(encodeURIComponent);
        return `postgres://${who}:${secret}@${address.host}:${address.port}/${what}?sslmode=disable`;
      },
      async filter(networks) {
        const sources = networks.map(each => (each.includes('/') ? each : `${each}/32`));
        await admit(superuser.user, sources);
        await query('SELECT pg_reload_conf()');
      },
      async stop() {
        await server.stop();
        await rm(folder, { recursive: true, force: true, maxRetries: 5 });
      },
    };
  });

  async function initialize(): Promise<void> {
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, superuser.password, { mode: 0o600 });
    mkdirSync(data, { mode: 0o700 });
    if (owner) for (const path of [passwordFile, data]) chownSync(path, owner.uid, owner.gid);
    const args = [
      `--pgdata=${data}`,
      `--username=${superuser.user}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
    ];
    await execute(binaries.initdb, args, { cwd: folder, env: run.environment(), ...owner }).catch(error => {
      if (!owner || error.code !== 'EACCES') throw error;
      throw new Error(
        `PostgreSQL refuses to run as root, and the user nobody may not enter ${folder}: set TMPDIR to a folder that everybody may enter, as /tmp.`,
      );
    });
    rmSync(passwordFile);
    await admit(superuser.user, ['all']);
  }

  /** Whoever reaches the one address that it listens on must know a password. */
  async function admit(superuser: string, networks: readonly string[]): Promise<void> {
    const lines = [`all ${superuser} all`, ...networks.map(network => `all all ${network}`)];
    await writeFile(join(data, 'pg_hba.conf'), lines.map(line => `host ${line} scram-sha-256\n`).join(''));
  }
}

/** PostgreSQL refuses to run as root. `nobody` is there on every Unix; initdb wants a user that has a name. */
async function unprivilegedOwner(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const id = async (option: string) => Number((await execute('id', [option, 'nobody'])).stdout);
  return { uid: await id('-u'), gid: await id('-g') };
}

function settings({ host, port }: { host: string; port: number }): string[] {
  const values = {
    listen_addresses: host,
    port,
    unix_socket_directories: '',
    // Files in the data folder, where the default leaves them in /dev/shm when the server is killed.
    dynamic_shared_memory_type: 'mmap',
    shared_buffers: '16MB',
    timezone: 'UTC',
    // Nothing here outlives the machine's power.
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import type { Connection } from '../../exoscale/exoscale.ts';
import { UserError } from '../../runner/errors.ts';
import type { Runner } from '../../runner/runner.ts';

/** For how long a filter that was changed is waited for, in milliseconds. */
const patience = 60_000;

/** What waiting does not mend: no such database, and no right to connect. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const final = ['3D000', '42501'];

/**
 * Does work with a connection to a database.
 * @throws UserError when none is made within a minute, when it is lost, and when the server refuses what it is asked
 */
export async function withClient<T>(
  runner: Runner,
  connection: Connection,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const { Client } = (await import('pg')).default;
  const { host, port, user, password, database, sslmode, certificate } = connection;
  const ssl = sslmode === 'disable' ? false : { ca: certificate };
  const settings = { host, port, user, password, database, ssl, keepAlive: true };
  for (const deadline = Date.now() + patience; ; await sleep(1000)) {
    const client = new Client({ ...settings, connectionTimeoutMillis: 10_000 });
    client.on('error', () => {}); // a lost connection fails the query as well
    try {
      await client.connect();
    } catch (error) {
      await client.end().catch(() => {});
      const { message, code = '' } = error as Error & { code?: string };
      if (Date.now() > deadline || runner.stop.aborted || final.includes(code))
        throw new UserError(
          `The database ${database} at ${host}:${port} cannot be reached (${message}): see that it runs, and run this again; if nobody needs what is in it, delete its service in Exoscale's console first`,
        );
      runner.progress(`Waiting for the database ${database} to let this machine in: ${message}`);
      continue;
    }
    try {
      return await work(client);
    } catch (error) {
      throw said(error, connection);
    } finally {
      await client.end().catch(() => {});
    }
  }
}

/** A connection of which no log shows the password. */
export async function masked(runner: Runner, asked: Promise<Connection>): Promise<Connection> {
  const connection = await asked;
  runner.mask(connection.password);
  runner.mask(connection.uri);
  return connection;
}

/** What the server or the line to it says, as a sentence; anything else as it is. */
export function said(error: unknown, { database, user, host, port }: Connection): unknown {
  if (error instanceof UserError || !(error instanceof Error)) return error;
  const { message, code, severity } = error as Error & { code?: string; severity?: string };
  if (severity && code)
    return new UserError(
      `The database ${database} refuses what its user ${user} asks (${message}): see that this user may read all of it, and run this again`,
      undefined,
      { cause: error },
    );
  const isLost = /^Connection terminated|not queryable/.test(message) || /^E[A-Z]{4,}$/.test(code ?? '');
  if (!isLost) return error;
  return new UserError(
    `The connection to the database ${database} at ${host}:${port} was lost (${message}): run this again`,
    undefined,
    { cause: error },
  );
}

/**
 * How PostgreSQL's programs reach a database, as the variables that they read. The password is in a file of the run's own.
 * https://www.postgresql.org/docs/current/libpq-envars.html
 */
export async function clientEnvironment(
  runner: Runner,
  { host, port, user, password, database, sslmode, certificate }: Connection,
): Promise<Record<string, string>> {
  const folder = await runner.folder();
  const [passwords, authority] = [join(folder, 'pgpass'), join(folder, 'database-ca.pem')];
  const fields = [host, String(port), database, user, password];
  const line = fields.map(field => field.replace(/[\\:]/g, character => `\\${character}`)).join(':');
  await writeFile(passwords, `${line}\n`, { mode: 0o600 });
  await writeFile(authority, certificate);
  return {
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: user,
    PGDATABASE: database,
    PGPASSFILE: passwords,
    PGSSLMODE: sslmode === 'disable' ? 'disable' : 'verify-full',
    PGSSLROOTCERT: authority,
    PGCONNECT_TIMEOUT: '30',
  };
}

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import type { Connection } from '../../exoscale/exoscale.ts';
import { UserError } from '../../runner/errors.ts';
import type { Runner } from '../../runner/runner.ts';

/** For how long a filter that was changed is waited for, in milliseconds. */
const patience = 60_000;

/** Does work with a connection to a database. @throws UserError when none is made within a minute */
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
      const { message } = error as Error;
      if (Date.now() > deadline || runner.stop.aborted)
        throw new UserError(
          `The database ${database} at ${host}:${port} cannot be reached (${message}): see that it runs, and run this again; if nobody needs what is in it, delete its service in Exoscale's console first`,
        );
      runner.progress(`Waiting for the database ${database} to let this machine in: ${message}`);
      continue;
    }
    try {
      return await work(client);
    } finally {
      await client.end().catch(() => {});
    }
  }
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

import type { Client } from 'pg';
import type { Connection, Database, Exoscale } from '../../exoscale/exoscale.ts';
import { UserError } from '../../runner/errors.ts';
import type { Runner } from '../../runner/runner.ts';
import { some } from '../../terraform/text.ts';
import { masked, withClient } from './session.ts';
import { size } from './size.ts';
import { largestObject } from './upload.ts';

/** One database of a service that holds something. */
export interface Holding {
  connection: Connection;
  tables: number;
  bytes: number;
  /** The major version of the server: 17 */
  version: number;
}

/** The provider's own, which none of its users may look into. */
const providers = '_aiven';

/**
 * The databases of a service that hold something, be it a table without rows. The server is asked for them: Exoscale does
 * not know of those that were made by SQL.
 * @param owner the user that the platform's own database belongs to, which has the same name
 * @throws UserError for one that nobody can look into, or that cannot be read as a whole
 */
export async function holdings(
  runner: Runner,
  cloud: Exoscale,
  service: Database,
  owner: string,
): Promise<Holding[]> {
  const { name, users, admin = users[0], databases } = service;
  if (!admin)
    throw new UserError(
      `The database service ${name} has no user, so nobody can see what is in it: make one in Exoscale's console and run this again`,
    );
  const found: Holding[] = [];
  const first = await reach(admin, databases[0] ?? 'defaultdb');
  for (const { database, isOpen } of await withClient(runner, first, databasesOf)) {
    if (database === providers) continue;
    // Nobody else may read the tables that a user makes.
    const isOwned = database === owner && users.includes(owner);
    if (!isOpen && !isOwned)
      throw new UserError(
        `The database ${database} of ${name} lets nobody in, so nobody can see what is in it: let ${admin} connect to it, or drop it if nobody needs what is in it`,
      );
    const connection = await reach(isOwned ? owner : admin, database);
    const holding = await withClient(runner, connection, client => inside(client, name, connection));
    if (holding) found.push(holding);
  }
  return found;

  function reach(user: string, database: string): Promise<Connection> {
    return masked(runner, cloud.connection(name, { user, database }));
  }
}

async function databasesOf(client: Client): Promise<{ database: string; isOpen: boolean }[]> {
  return rows(
    client,
    `SELECT datname AS database, datallowconn AND has_database_privilege(oid, 'CONNECT') AS "isOpen"
      FROM pg_database WHERE NOT datistemplate ORDER BY 1`,
  );
}

/** Undefined for one with nothing in it. */
async function inside(client: Client, service: string, connection: Connection): Promise<Holding | undefined> {
  const { database, user } = connection;
  const [facts] = await rows<{ version: string; bytes: string; objects: string }>(
    client,
    `SELECT current_setting('server_version_num') AS version, pg_database_size(current_database()) AS bytes,
      (SELECT count(*) FROM pg_largeobject_metadata) AS objects`,
  );
  const tables = await tablesOf(client);
  if (tables.length === 0 && Number(facts?.objects) === 0) return undefined;
  const bytes = Number(facts?.bytes);
  const what = `The database ${database} of ${service}`;
  const otherwise =
    "or dump it yourself, delete its service in Exoscale's console (termination protection first), and run this again";
  if (!/^[\w-]+$/.test(database))
    throw new UserError(
      `${what} has a name that Exoscale can make no database of, so a dump could not be restored: rename it, ${otherwise}`,
    );
  if (bytes > largestObject)
    throw new UserError(
      `${what} has ${size(bytes)}, and at most ${size(largestObject)} are dumped: make it smaller, ${otherwise}`,
    );
  const hidden = await unreadable(client);
  if (hidden.length > 0)
    throw new UserError(
      `${what} holds what its user ${user} may not read (${some(hidden, 3).join(', ')}), so a dump would not be whole: give ${user} SELECT on all of it, without row-level security, ${otherwise}`,
    );
  return { connection, tables: tables.length, bytes, version: Math.floor(Number(facts?.version) / 10_000) };
}

/** Not what an extension brings, nor what only a session sees. */
const relations = `FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
  WHERE relpersistence <> 't' AND nspname <> 'information_schema' AND nspname !~ '^pg_'
    AND NOT EXISTS (
      SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e'
    )`;
const name = "format('%I.%I', nspname, relname) AS name";

/** Every table with rows of its own, as SQL and a dump write its name. */
export async function tablesOf(client: Client): Promise<string[]> {
  const found = await rows<{ name: string }>(
    client,
    `SELECT ${name} ${relations} AND relkind = 'r' ORDER BY 1`,
  );
  return found.map(({ name }) => name);
}

/** The tables and sequences that a dump must read and this user may not, all of it. */
async function unreadable(client: Client): Promise<string[]> {
  const found = await rows<{ name: string }>(
    client,
    `SELECT ${name} ${relations} AND relkind IN ('r', 'p', 'S') AND NOT (
        has_schema_privilege(pg_namespace.oid, 'USAGE') AND has_table_privilege(pg_class.oid, 'SELECT')
        AND NOT row_security_active(pg_class.oid)
      ) ORDER BY 1`,
  );
  return found.map(({ name }) => name);
}

export async function rows<Row>(client: Client, sql: string): Promise<Row[]> {
  return (await client.query(sql)).rows as Row[];
}

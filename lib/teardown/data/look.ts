import type { Client } from 'pg';
import type { Connection, Database, Exoscale } from '../../exoscale/exoscale.ts';
import { UserError } from '../../runner/errors.ts';
import type { Runner } from '../../runner/runner.ts';
import { withClient } from './session.ts';

/** One database of a service that holds something. */
export interface Holding {
  connection: Connection;
  tables: number;
  bytes: number;
  /** The major version of the server: 17 */
  version: number;
}

/**
 * The databases of a service that hold something, be it a table without rows.
 * @param owner the user that the platform's own database belongs to, which has the same name
 */
export async function holdings(
  runner: Runner,
  cloud: Exoscale,
  { name, users, admin, databases }: Database,
  owner: string,
): Promise<Holding[]> {
  const found: Holding[] = [];
  for (const database of databases) {
    // Nobody else may read the tables that a user makes.
    const user = database === owner && users.includes(owner) ? owner : (admin ?? users[0]);
    if (!user)
      throw new UserError(
        `The database service ${name} has no user, so nobody can see what is in it: make one in Exoscale's console and run this again`,
      );
    const connection = await cloud.connection(name, { user, database });
    runner.mask(connection.password);
    runner.mask(connection.uri);
    const holding = await withClient(runner, connection, async client => {
      const [facts] = await rows<{ version: string; bytes: string; objects: string }>(
        client,
        `SELECT current_setting('server_version_num') AS version, pg_database_size(current_database()) AS bytes,
          (SELECT count(*) FROM pg_largeobject_metadata) AS objects`,
      );
      const tables = await tablesOf(client);
      return {
        connection,
        tables: tables.length,
        bytes: Number(facts?.bytes),
        version: Math.floor(Number(facts?.version) / 10_000),
        holds: tables.length > 0 || Number(facts?.objects) > 0,
      };
    });
    if (holding.holds) found.push(holding);
  }
  return found;
}

/** Every table with rows of its own, as SQL and a dump write its name; not what an extension brings. */
export async function tablesOf(client: Client): Promise<string[]> {
  const found = await rows<{ name: string }>(
    client,
    `SELECT format('%I.%I', nspname, relname) AS name
      FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
      WHERE relkind = 'r' AND relpersistence <> 't' AND nspname <> 'information_schema' AND nspname !~ '^pg_'
        AND NOT EXISTS (
          SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e'
        )
      ORDER BY 1`,
  );
  return found.map(({ name }) => name);
}

export async function rows<Row>(client: Client, sql: string): Promise<Row[]> {
  return (await client.query(sql)).rows as Row[];
}

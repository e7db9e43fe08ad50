import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runner } from 'node-pg-migrate';
import pg from 'pg';

const folder = join(import.meta.dirname, '../../migrations');
const table = 'migrations';

/**
 * Brings a schema of the database up to date. Two at once take turns; each migration is whole or not at all.
 * @returns the names of those that were applied
 */
export async function migrate(
  databaseUrl: string | pg.ClientConfig,
  schema: string,
  log: (line: string) => void = () => {},
): Promise<string[]> {
  const applied = await runner({
    databaseUrl,
    dir: folder,
    direction: 'up',
    schema,
    createSchema: true,
    migrationsTable: table,
    migrationsSchema: schema,
    advisoryLockMode: 'wait',
    log,
  });
  return applied.map(({ name }) => name);
}

/** Why the schema is not the one that this code was written for, or nothing. Once it is, it is not asked again. */
export function schemaCheck(pool: pg.Pool, schema: string): () => Promise<string | undefined> {
  let current = false;
  return async () => {
    const known = async () => {
      const files = (await readdir(folder)).map(file => file.replace(/\.sql$/, ''));
      const { rows } = await pool.query(`SELECT name FROM ${pg.escapeIdentifier(schema)}.${table}`);
      const applied = new Set(rows.map(({ name }) => name));
      return files.filter(file => !applied.has(file));
    };
    if (current) {
      await pool.query('SELECT 1');
      return undefined;
    }
    const missing = await known().catch(error => {
      if (error.code === '42P01') return ['all']; // there is no such table
      throw error;
    });
    if (missing.length > 0) return `Migrations are missing: ${missing.join(', ')}.`;
    current = true;
    return undefined;
  };
}

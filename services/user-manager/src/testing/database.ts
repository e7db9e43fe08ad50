import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { query, template } from './postgres.ts';

/** A migrated database of one's own. Returns its address. */
export async function freshDatabase(): Promise<string> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const server = inject('postgres');
  await query(`${server}/postgres`, `CREATE DATABASE ${name} TEMPLATE ${template}`);
  return `${server}/${name}`;
}

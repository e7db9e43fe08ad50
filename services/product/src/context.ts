import type pg from 'pg';
import type { Database } from './database/kysely.ts';
import type { Verify } from './identity/verify.ts';

/** What the routes work with. */
export interface Context {
  pool: pg.Pool;
  db: Database;
  verify: Verify;
  /** ISO 4217: the one that all prices are in. */
  currency: string;
}

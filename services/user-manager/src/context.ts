import type pg from 'pg';
import type { minter } from './assertions/assertion.ts';
import type { Keys } from './assertions/keys.ts';
import type { Database } from './database/kysely.ts';
import type { Mailer } from './mail.ts';

/** What the routes work with. */
export interface Context {
  pool: pg.Pool;
  db: Database;
  keys: () => Keys;
  mint: ReturnType<typeof minter>;
  mailer: Mailer;
  /** Whose pages may change anything. Mails lead to the first. */
  origins: [string, ...string[]];
}

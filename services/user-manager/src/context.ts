import type pg from 'pg';
import type { minter } from './assertions/assertion.ts';
import type { Keys } from './assertions/keys.ts';
import type { Database } from './database/kysely.ts';
import type { Mailer } from './mail.ts';
import type { Session } from './sessions/store.ts';

/** What the routes work with. */
export interface Context {
  pool: pg.Pool;
  db: Database;
  /** The session that a token opens, or nothing when there is none, or when it has ended. */
  findSession: (token: string) => Promise<Session | undefined>;
  keys: () => Keys;
  mint: ReturnType<typeof minter>;
  mailer: Mailer;
  /** Whose pages may change anything. Mails lead to the first. */
  origins: [string, ...string[]];
}

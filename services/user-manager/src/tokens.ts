import { hash, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Database } from './database/kysely.ts';
import type { Purpose } from './tables.ts';

/** 256 random bits. Only their hash is stored, so whoever reads the database can use none of them. */
export const newToken = (): string => randomBytes(32).toString('base64url');
export const tokenPattern = '^[A-Za-z0-9_-]{43}$';
/** What is random already needs no slow hash. */
export const tokenHash = (token: string): Buffer => hash('sha256', token, 'buffer');

/** A token that works once, within some minutes; one issued earlier for the same purpose does not work any more. */
export async function issue(
  db: Database,
  { purpose, userId, minutes }: { purpose: Purpose; userId: string | null; minutes: number },
): Promise<string> {
  const token = newToken();
  await db.transaction().execute(async transaction => {
    await transaction
      .deleteFrom('user_manager.one_time_tokens')
      .where('purpose', '=', purpose)
      .where('user_id', userId === null ? 'is' : '=', userId)
      .execute();
    await transaction
      .insertInto('user_manager.one_time_tokens')
      .values({
        token_hash: tokenHash(token),
        purpose,
        user_id: userId,
        expires_at: sql<Date>`now() + make_interval(mins => ${minutes})`,
      })
      .execute();
  });
  return token;
}

/** Uses a token up. Returns whose it was, or undefined when there is no such token (any more). */
export const redeem = (
  db: Database,
  purpose: Purpose,
  token: string,
): Promise<{ user_id: string | null } | undefined> =>
  db
    .deleteFrom('user_manager.one_time_tokens')
    .where('token_hash', '=', tokenHash(token))
    .where('purpose', '=', purpose)
    .where('expires_at', '>', sql<Date>`now()`)
    .returning('user_id')
    .executeTakeFirst();

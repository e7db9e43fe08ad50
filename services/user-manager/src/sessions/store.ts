import { hash } from 'node:crypto';
import { sql } from 'kysely';
import type pg from 'pg';
import type { Database } from '../database/kysely.ts';
import { uuidv7 } from '../server/uuid.ts';
import type { Role } from '../tables.ts';
import { newToken, tokenHash } from '../tokens.ts';

/** A session ends when it was not used for this long, and at the latest after that. */
export const idleMinutes = 30;
export const absoluteHours = 12;

export interface Session {
  id: string;
  userId: string;
  role: Role;
}

/*
 * One trip: the sessions that live, and their last use written down, once a minute at most so that reading stays reading.
 * A row that somebody is changing is not waited for: others are asked about in the same trip. The hashes are joined, one
 * look into the index each: of `= ANY` PostgreSQL makes a scan, which takes three times as long.
 */
const find = {
  name: 'find-sessions',
  text: `
  WITH live AS (
    SELECT asked.place, s.id, s.user_id, u.role, s.last_seen_at < now() - interval '1 minute' AS stale
    FROM unnest($1::bytea[]) WITH ORDINALITY AS asked (hash, place)
    JOIN user_manager.sessions s ON s.token_hash = asked.hash
    JOIN user_manager.users u ON u.id = s.user_id
    WHERE s.expires_at > now() AND u.disabled_at IS NULL
      AND s.last_seen_at > now() - make_interval(mins => $2)
  ), touched AS (
    UPDATE user_manager.sessions SET last_seen_at = now() WHERE id IN (
      SELECT id FROM user_manager.sessions WHERE id IN (SELECT id FROM live WHERE stale)
      ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
    )
  )
  SELECT place::int, id, user_id AS "userId", role FROM live`,
};

/** The session that each token opens; undefined where it opens none, or where its session has ended. */
export async function findSessions(pool: pg.Pool, tokens: string[]): Promise<(Session | undefined)[]> {
  const hashes = tokens.map(token => `\\\\x${hash('sha256', token)}`);
  const { rows } = await pool.query<Session & { place: number }>({
    ...find,
    // As PostgreSQL writes an array of bytes: made of buffers it would take the driver longer than the rest of the trip.
    values: [`{${hashes.join()}}`, idleMinutes],
  });
  const found: (Session | undefined)[] = Array(tokens.length);
  for (const row of rows) found[row.place - 1] = row;
  return found;
}

/**
 * Opens a session for whoever knew the password that is stored, and returns its token. Nothing is opened when the account is
 * disabled, or when the password was changed in the meantime: the lock makes the two take turns.
 */
export async function openSession(
  db: Database,
  user: { id: string; passwordHash: string; userAgent: string; address: string },
): Promise<string | undefined> {
  const token = newToken();
  const { rows } = await sql`
    INSERT INTO user_manager.sessions (id, token_hash, user_id, user_agent, address, expires_at)
    SELECT ${uuidv7()}::uuid, ${tokenHash(token)}, id, ${user.userAgent}, ${user.address},
      now() + make_interval(hours => ${absoluteHours})
    FROM user_manager.users
    WHERE id = ${user.id} AND password_hash = ${user.passwordHash} AND disabled_at IS NULL FOR SHARE
    RETURNING id`.execute(db);
  return rows.length === 1 ? token : undefined;
}

export const closeSession = (db: Database, token: string) =>
  db
    .deleteFrom('user_manager.sessions')
    .where('token_hash', '=', tokenHash(token))
    .returning('user_id')
    .executeTakeFirst();

export const closeAllSessions = (db: Database, userId: string) =>
  db.deleteFrom('user_manager.sessions').where('user_id', '=', userId).execute();

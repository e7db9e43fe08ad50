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
 * One trip: the session if it lives, and its last use written down, once a minute at most so that reading stays reading.
 */
const find = `
  WITH live AS (
    SELECT s.id, s.user_id, u.role, s.last_seen_at < now() - interval '1 minute' AS stale
    FROM user_manager.sessions s JOIN user_manager.users u ON u.id = s.user_id
    WHERE s.token_hash = $1 AND s.expires_at > now()
      AND s.last_seen_at > now() - make_interval(mins => $2)
  ), touched AS (
    UPDATE user_manager.sessions SET last_seen_at = now() WHERE id IN (SELECT id FROM live WHERE stale)
  )
  SELECT id, user_id AS "userId", role FROM live`;

/** The session that a token opens, or nothing when there is none, or when it has ended. */
export async function findSession(pool: pg.Pool, token: string): Promise<Session | undefined> {
  const { rows } = await pool.query<Session>(find, [tokenHash(token), idleMinutes]);
  return rows[0];
}

/**
 * Opens a session for whoever knew the password that is stored, and returns its token. Nothing is opened when the password
 * was changed in the meantime: the lock makes the two take turns.
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
    FROM user_manager.users WHERE id = ${user.id} AND password_hash = ${user.passwordHash} FOR SHARE
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

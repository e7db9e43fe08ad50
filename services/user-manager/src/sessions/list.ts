import { sql } from 'kysely';
import { type Static, Type } from 'typebox';
import type { Database } from '../database/kysely.ts';
import { timestamp, uuid } from '../server/validation.ts';
import { idleMinutes } from './store.ts';

const session = Type.Object({
  id: uuid(),
  current: Type.Boolean({ description: 'It is the session that asks' }),
  userAgent: Type.String(),
  address: Type.String(),
  createdAt: timestamp(),
  lastSeenAt: timestamp(),
  expiresAt: timestamp(),
});
export const sessionList = Type.Object({ sessions: Type.Array(session) });

/** Somebody's sessions that live, the last used first. */
export async function listSessions(
  db: Database,
  { userId, current }: { userId: string; current: string },
): Promise<Static<typeof session>[]> {
  const rows = await db
    .selectFrom('user_manager.sessions')
    .selectAll()
    .where('user_id', '=', userId)
    .where('expires_at', '>', sql<Date>`now()`)
    .where('last_seen_at', '>', sql<Date>`now() - make_interval(mins => ${idleMinutes})`)
    .orderBy('last_seen_at', 'desc')
    .execute();
  return rows.map(row => ({
    id: row.id,
    current: row.id === current,
    userAgent: row.user_agent,
    address: row.address,
    createdAt: row.created_at.toISOString(),
    lastSeenAt: row.last_seen_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
  }));
}

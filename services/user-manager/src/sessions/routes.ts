import { sql } from 'kysely';
import { Type } from 'typebox';
import { whoIs } from '../accounts/guard.ts';
import { record } from '../audit.ts';
import type { Context } from '../context.ts';
import type { App } from '../server/app.ts';
import { Problem, problems } from '../server/problem.ts';
import { exact, timestamp, uuid } from '../server/validation.ts';
import { noCookie } from './cookie.ts';
import { closeAllSessions, idleMinutes } from './store.ts';

const sessionSchema = Type.Object({
  id: uuid(),
  current: Type.Boolean(),
  userAgent: Type.String(),
  address: Type.String(),
  createdAt: timestamp(),
  lastSeenAt: timestamp(),
  expiresAt: timestamp(),
});

export function sessionRoutes(app: App, context: Context): void {
  const { db } = context;

  app.get(
    '/auth/sessions',
    {
      schema: {
        summary: 'Where I am logged in',
        tags: ['sessions'],
        response: { 200: Type.Object({ sessions: Type.Array(sessionSchema) }), ...problems(401) },
      },
    },
    async request => {
      const { id, userId } = await whoIs(context, request);
      const rows = await db
        .selectFrom('user_manager.sessions')
        .selectAll()
        .where('user_id', '=', userId)
        .where('expires_at', '>', sql<Date>`now()`)
        .where('last_seen_at', '>', sql<Date>`now() - make_interval(mins => ${idleMinutes})`)
        .orderBy('last_seen_at', 'desc')
        .execute();
      const sessions = rows.map(row => ({
        id: row.id,
        current: row.id === id,
        userAgent: row.user_agent,
        address: row.address,
        createdAt: row.created_at.toISOString(),
        lastSeenAt: row.last_seen_at.toISOString(),
        expiresAt: row.expires_at.toISOString(),
      }));
      return { sessions };
    },
  );

  app.delete(
    '/auth/sessions/:id',
    {
      schema: {
        summary: 'Log out one of the places where I am logged in',
        tags: ['sessions'],
        params: exact({ id: uuid() }),
        response: { 204: Type.Null(), ...problems(401, 403, 404, 415) },
      },
    },
    async (request, reply) => {
      const { userId } = await whoIs(context, request);
      const closed = await db
        .deleteFrom('user_manager.sessions')
        .where('id', '=', request.params.id)
        .where('user_id', '=', userId)
        .returning('id')
        .executeTakeFirst();
      if (!closed) throw new Problem(404, 'not-found', 'You have no such session.');
      await record(db, { action: 'session-revoked', actor: userId, address: request.ip });
      return reply.status(204).send(null);
    },
  );

  app.delete(
    '/auth/sessions',
    {
      schema: {
        summary: 'Log out everywhere',
        tags: ['sessions'],
        response: { 204: Type.Null(), ...problems(401, 403, 415) },
      },
    },
    async (request, reply) => {
      const { userId } = await whoIs(context, request);
      await closeAllSessions(db, userId);
      await record(db, { action: 'sessions-revoked', actor: userId, address: request.ip });
      return reply.header('set-cookie', noCookie).status(204).send(null);
    },
  );
}

import { Type } from 'typebox';
import { whoIs } from '../accounts/guard.ts';
import { record } from '../audit.ts';
import type { Context } from '../context.ts';
import type { App } from '../server/app.ts';
import { Problem, problems } from '../server/problem.ts';
import { exact, uuid } from '../server/validation.ts';
import { noCookie } from './cookie.ts';
import { listSessions, sessionList } from './list.ts';
import { closeAllSessions } from './store.ts';

export function sessionRoutes(app: App, context: Context): void {
  const { db } = context;

  app.get(
    '/auth/sessions',
    {
      schema: {
        summary: 'Where I am logged in',
        tags: ['sessions'],
        response: { 200: sessionList, ...problems(401) },
      },
    },
    async request => {
      const { id, userId } = await whoIs(context, request);
      return { sessions: await listSessions(db, { userId, current: id }) };
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

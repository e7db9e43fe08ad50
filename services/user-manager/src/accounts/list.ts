import { sql } from 'kysely';
import { Type } from 'typebox';
import type { Context } from '../context.ts';
import type { App } from '../server/app.ts';
import { Problem, problems } from '../server/problem.ts';
import { exact, nullable, text, uuid } from '../server/validation.ts';
import { listSessions, sessionList } from '../sessions/list.ts';
import { adminOnly } from './guard.ts';
import { role, toUser, user } from './user.ts';

export const noSuchAccount = () => new Problem(404, 'not-found', 'There is no such account.');

/** What administrators see of accounts. */
export function accountListRoutes(app: App, context: Context): void {
  const { db } = context;
  const find = (id: string) =>
    db.selectFrom('user_manager.users').selectAll().where('id', '=', id).executeTakeFirst();

  app.get(
    '/auth/users',
    {
      schema: {
        summary: 'Accounts, the latest first',
        tags: ['administration'],
        querystring: exact({
          q: Type.Optional(text(1, 200, { description: 'Part of an address or a name' })),
          role: Type.Optional(role),
          limit: Type.Integer({ minimum: 1, maximum: 100, default: 50 }),
          after: Type.Optional(uuid()),
        }),
        response: {
          200: Type.Object({ users: Type.Array(user), next: nullable(uuid()) }),
          ...problems(400, 401, 403),
        },
      },
    },
    async request => {
      await adminOnly(context, request);
      const { q, role, limit, after } = request.query;
      const part = `%${q?.replace(/[\\%_]/g, '\\$&')}%`;
      const rows = await db
        .selectFrom('user_manager.users')
        .selectAll()
        .$if(q !== undefined, query => query.where(sql<boolean>`(email ILIKE ${part} OR name ILIKE ${part})`))
        .$if(role !== undefined, query => query.where('role', '=', role ?? 'customer'))
        .$if(after !== undefined, query => query.where('id', '<', after ?? ''))
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute();
      const page = rows.slice(0, limit);
      return { users: page.map(toUser), next: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
    },
  );

  app.get(
    '/auth/users/:id',
    {
      schema: {
        summary: 'An account',
        tags: ['administration'],
        params: exact({ id: uuid() }),
        response: { 200: user, ...problems(401, 403, 404) },
      },
    },
    async request => {
      await adminOnly(context, request);
      const found = await find(request.params.id);
      if (!found) throw noSuchAccount();
      return toUser(found);
    },
  );

  app.get(
    '/auth/users/:id/sessions',
    {
      schema: {
        summary: 'Where somebody is logged in',
        tags: ['administration'],
        params: exact({ id: uuid() }),
        response: { 200: sessionList, ...problems(401, 403, 404) },
      },
    },
    async request => {
      const { id: current } = await adminOnly(context, request);
      const found = await find(request.params.id);
      if (!found) throw noSuchAccount();
      return { sessions: await listSessions(db, { userId: found.id, current }) };
    },
  );
}

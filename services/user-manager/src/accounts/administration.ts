import { Type } from 'typebox';
import { actions, record } from '../audit.ts';
import type { Context } from '../context.ts';
import type { App } from '../server/app.ts';
import { Problem, problems } from '../server/problem.ts';
import { exact, timestamp, uuid } from '../server/validation.ts';
import { noCookie } from '../sessions/cookie.ts';
import { redeem } from '../tokens.ts';
import { adminOnly, whoIs } from './guard.ts';
import { role, toUser, user } from './user.ts';
import { spent, token } from './verification.ts';

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);
const limit = Type.Integer({ minimum: 1, maximum: 100, default: 50 });

export function administrationRoutes(app: App, context: Context): void {
  const { db } = context;

  app.post(
    '/auth/admin',
    {
      schema: {
        summary: 'Become an administrator by a token that an operator printed',
        description: 'Ends every session of the account: log in again.',
        tags: ['administration'],
        body: exact({ token: token() }),
        response: { 204: Type.Null(), ...problems(400, 401, 403, 413, 415) },
      },
    },
    async (request, reply) => {
      const { userId } = await whoIs(context, request);
      if (!(await redeem(db, 'become-admin', request.body.token))) throw spent();
      await changeRole(userId, 'admin');
      await record(db, { action: 'became-admin', actor: userId, address: request.ip });
      return reply.header('set-cookie', noCookie).status(204).send(null);
    },
  );

  app.get(
    '/auth/users',
    {
      schema: {
        summary: 'Accounts, the oldest first',
        tags: ['administration'],
        querystring: exact({ limit, after: Type.Optional(uuid()) }),
        response: {
          200: Type.Object({ users: Type.Array(user), next: nullable(uuid()) }),
          ...problems(400, 401, 403),
        },
      },
    },
    async request => {
      await adminOnly(context, request);
      const { limit, after } = request.query;
      const rows = await db
        .selectFrom('user_manager.users')
        .selectAll()
        .$if(after !== undefined, query => query.where('id', '>', after ?? ''))
        .orderBy('id')
        .limit(limit + 1)
        .execute();
      const page = rows.slice(0, limit);
      return { users: page.map(toUser), next: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
    },
  );

  app.put(
    '/auth/users/:id/role',
    {
      schema: {
        summary: 'Give somebody a role',
        description: 'Ends their sessions. There is always one administrator.',
        tags: ['administration'],
        params: exact({ id: uuid() }),
        body: exact({ role }),
        response: { 204: Type.Null(), ...problems(400, 401, 403, 404, 409, 413, 415) },
      },
    },
    async (request, reply) => {
      const { userId } = await adminOnly(context, request);
      await changeRole(request.params.id, request.body.role);
      await record(db, {
        action: 'role-changed',
        actor: userId,
        subject: request.params.id,
        address: request.ip,
      });
      return reply.status(204).send(null);
    },
  );

  app.get(
    '/auth/audit-log',
    {
      schema: {
        summary: 'Who did what, the latest first',
        tags: ['administration'],
        querystring: exact({
          limit,
          before: Type.Optional(Type.Integer({ minimum: 1, maximum: 2 ** 53 - 1 })),
        }),
        response: {
          200: Type.Object({
            entries: Type.Array(
              Type.Object({
                id: Type.Integer(),
                at: timestamp(),
                action: Type.Enum(actions),
                actor: nullable(uuid()),
                subject: nullable(uuid()),
                address: Type.String(),
              }),
            ),
            next: nullable(Type.Integer()),
          }),
          ...problems(400, 401, 403),
        },
      },
    },
    async request => {
      await adminOnly(context, request);
      const { limit, before } = request.query;
      const rows = await db
        .selectFrom('user_manager.audit_log')
        .selectAll()
        .$if(before !== undefined, query => query.where('id', '<', before ?? 0))
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute();
      const page = rows.slice(0, limit);
      const entries = page.map(row => ({
        id: row.id,
        at: row.at.toISOString(),
        action: row.action as (typeof actions)[number],
        actor: row.actor_id,
        subject: row.subject_id,
        address: row.address,
      }));
      return { entries, next: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
    },
  );

  /** The administrators are locked first, so that two of them cannot step down at once. */
  const changeRole = (id: string, next: 'customer' | 'admin'): Promise<void> =>
    db.transaction().execute(async transaction => {
      const admins = await transaction
        .selectFrom('user_manager.users')
        .select('id')
        .where('role', '=', 'admin')
        .orderBy('id')
        .forUpdate()
        .execute();
      if (next !== 'admin' && admins.length === 1 && admins[0]?.id === id.toLowerCase())
        throw new Problem(409, 'last-admin', 'The shop would have no administrator.');
      const changed = await transaction
        .updateTable('user_manager.users')
        .set({ role: next })
        .where('id', '=', id)
        .returning('id')
        .executeTakeFirst();
      if (!changed) throw new Problem(404, 'not-found', 'There is no such account.');
      await transaction.deleteFrom('user_manager.sessions').where('user_id', '=', id).execute();
    });
}

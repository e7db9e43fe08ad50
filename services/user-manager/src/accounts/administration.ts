import { Type } from 'typebox';
import { record } from '../audit.ts';
import type { Context } from '../context.ts';
import type { Database } from '../database/kysely.ts';
import type { App } from '../server/app.ts';
import { Problem, problems } from '../server/problem.ts';
import { exact, uuid } from '../server/validation.ts';
import { noCookie } from '../sessions/cookie.ts';
import { closeAllSessions } from '../sessions/store.ts';
import type { Role } from '../tables.ts';
import { redeem } from '../tokens.ts';
import { adminOnly, whoIs } from './guard.ts';
import { noSuchAccount } from './list.ts';
import { role } from './user.ts';
import { spent, token } from './verification.ts';

/** What administrators do to accounts, and how somebody becomes one. */
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
      await changeRole(db, userId, 'admin');
      await closeAllSessions(db, userId);
      await record(db, { action: 'became-admin', actor: userId, role: 'admin', address: request.ip });
      return reply.header('set-cookie', noCookie).status(204).send(null);
    },
  );

  app.put(
    '/auth/users/:id/role',
    {
      schema: {
        summary: 'Give somebody a role',
        description:
          'Ends their sessions, unless it is the role they have. There is always one administrator: 409 `last-admin`.',
        tags: ['administration'],
        params: exact({ id: uuid() }),
        body: exact({ role }),
        response: { 204: Type.Null(), ...problems(400, 401, 403, 404, 409, 413, 415) },
      },
    },
    async (request, reply) => {
      const { userId } = await adminOnly(context, request);
      const { id } = request.params;
      const { role } = request.body;
      if (await changeRole(db, id, role))
        await record(db, { action: 'role-changed', actor: userId, subject: id, role, address: request.ip });
      return reply.status(204).send(null);
    },
  );

  app.delete(
    '/auth/users/:id/sessions',
    {
      schema: {
        summary: 'Log somebody out everywhere',
        tags: ['administration'],
        params: exact({ id: uuid() }),
        response: { 204: Type.Null(), ...problems(401, 403, 404, 415) },
      },
    },
    async (request, reply) => {
      const { userId } = await adminOnly(context, request);
      const { id } = request.params;
      const known = await db
        .selectFrom('user_manager.users')
        .select('id')
        .where('id', '=', id)
        .executeTakeFirst();
      if (!known) throw noSuchAccount();
      await closeAllSessions(db, known.id);
      await record(db, {
        action: 'sessions-revoked',
        actor: userId,
        subject: known.id,
        address: request.ip,
      });
      if (known.id === userId) reply.header('set-cookie', noCookie);
      return reply.status(204).send(null);
    },
  );
}

/**
 * Returns whether it was another role, and then ends the account's sessions. The administrators are locked first, so that
 * two of them cannot step down at once.
 * @throws {Problem} 404, or 409 for the last administrator
 */
const changeRole = (db: Database, id: string, next: Role): Promise<boolean> =>
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
    const before = await transaction
      .selectFrom('user_manager.users')
      .select('role')
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (!before) throw noSuchAccount();
    if (before.role === next) return false;
    await transaction.updateTable('user_manager.users').set({ role: next }).where('id', '=', id).execute();
    await closeAllSessions(transaction, id);
    return true;
  });

import { Type } from 'typebox';
import { record } from '../audit.ts';
import type { Context } from '../context.ts';
import type { App } from '../server/app.ts';
import { Problem, problems } from '../server/problem.ts';
import { exact, uuid } from '../server/validation.ts';
import { noCookie } from '../sessions/cookie.ts';
import { closeAllSessions } from '../sessions/store.ts';
import { redeem } from '../tokens.ts';
import { adminOnly, whoIs } from './guard.ts';
import { noSuchAccount } from './list.ts';
import { changeStanding } from './standing.ts';
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
      await changeStanding(db, userId, { role: 'admin' });
      await closeAllSessions(db, userId); // also those of who is one already
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
      if (await changeStanding(db, id, { role }))
        await record(db, { action: 'role-changed', actor: userId, subject: id, role, address: request.ip });
      return reply.status(204).send(null);
    },
  );

  app.put(
    '/auth/users/:id/disabled',
    {
      schema: {
        summary: 'Disable an account, or enable it again',
        description:
          'Disabling ends its sessions and links; logging in is refused in the words of a wrong password. Nobody disables themselves: 409 `own-account`.',
        tags: ['administration'],
        params: exact({ id: uuid() }),
        body: exact({ disabled: Type.Boolean() }),
        response: { 204: Type.Null(), ...problems(400, 401, 403, 404, 409, 413, 415) },
      },
    },
    async (request, reply) => {
      const { userId } = await adminOnly(context, request);
      const { id } = request.params;
      const { disabled } = request.body;
      if (disabled && id.toLowerCase() === userId)
        throw new Problem(409, 'own-account', 'Nobody disables their own account.');
      const action = disabled ? 'account-disabled' : 'account-enabled';
      if (await changeStanding(db, id, { disabled }))
        await record(db, { action, actor: userId, subject: id, address: request.ip });
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

import { Type } from 'typebox';
import { whoIs } from '../accounts/guard.ts';
import { accepted } from '../accounts/register.ts';
import { email as emailSchema } from '../accounts/user.ts';
import { spent, token } from '../accounts/verification.ts';
import { record } from '../audit.ts';
import type { Context } from '../context.ts';
import type { App } from '../server/app.ts';
import { Problem, problems } from '../server/problem.ts';
import { exact } from '../server/validation.ts';
import { noCookie } from '../sessions/cookie.ts';
import { network, throttle } from '../throttle.ts';
import { issue, redeem } from '../tokens.ts';
import { hashPassword, verifyPassword } from './hash.ts';
import { anyPassword, newPassword, refuseWeak } from './rules.ts';

const resetMinutes = 30;

export function passwordRoutes(app: App, context: Context): void {
  const { db, pool, mailer, origins } = context;

  app.post(
    '/auth/password',
    {
      schema: {
        summary: 'Change my password',
        description: 'Ends every session, this one too: log in again.',
        tags: ['passwords'],
        body: exact({ current: anyPassword(), next: newPassword() }),
        response: { 204: Type.Null(), ...problems(400, 401, 403, 409, 413, 415, 429) },
      },
    },
    async (request, reply) => {
      const { userId } = await whoIs(context, request);
      await throttle(pool, [{ scope: 'password', subject: userId, hits: 10 }]);
      const { current, next } = request.body;
      const user = await db
        .selectFrom('user_manager.users')
        .select(['email', 'password_hash'])
        .where('id', '=', userId)
        .executeTakeFirstOrThrow();
      if (!(await verifyPassword(user.password_hash, current)))
        throw new Problem(403, 'wrong-password', 'The current password is wrong.');
      await refuseWeak(next, user.email);
      const changed = await replacePassword(userId, await hashPassword(next), user.password_hash);
      if (!changed) throw new Problem(409, 'changed-meanwhile', 'The password was changed meanwhile.');
      await record(db, { action: 'password-changed', actor: userId, address: request.ip });
      return reply.header('set-cookie', noCookie).status(204).send(null);
    },
  );

  app.post(
    '/auth/password/forgotten',
    {
      schema: {
        summary: 'Have a link sent that sets a new password',
        tags: ['passwords'],
        body: exact({ email: emailSchema() }),
        response: { ...accepted, ...problems(400, 403, 413, 415, 429) },
      },
    },
    async (request, reply) => {
      const email = request.body.email.toLowerCase();
      await throttle(pool, [
        { scope: 'forgotten', subject: email, hits: 5 },
        { scope: 'forgotten', subject: network(request.ip), hits: 30 },
      ]);
      // Not waited for: how long it takes would tell who is registered.
      sendReset(email).catch(error => request.log.error({ err: error }, 'mail failed'));
      return reply.status(202).send({ status: 'accepted' });
    },
  );

  app.post(
    '/auth/password/reset',
    {
      schema: {
        summary: 'Set a new password by the link that was sent',
        description: 'Ends every session.',
        tags: ['passwords'],
        body: exact({ token: token(), password: newPassword() }),
        response: { 204: Type.Null(), ...problems(400, 403, 413, 415, 429) },
      },
    },
    async (request, reply) => {
      await throttle(pool, [{ scope: 'reset', subject: network(request.ip), hits: 30 }]);
      await refuseWeak(request.body.password, '');
      const password_hash = await hashPassword(request.body.password);
      const { user_id } = (await redeem(db, 'reset-password', request.body.token)) ?? {};
      if (!user_id || !(await replacePassword(user_id, password_hash))) throw spent();
      await record(db, { action: 'password-reset', actor: user_id, address: request.ip });
      return reply.header('set-cookie', noCookie).status(204).send(null);
    },
  );

  /** New password, no sessions, in one step. With `expected` only if it is still that one. */
  const replacePassword = (userId: string, password_hash: string, expected?: string): Promise<boolean> =>
    db.transaction().execute(async transaction => {
      const changed = await transaction
        .updateTable('user_manager.users')
        .set({ password_hash })
        .where('id', '=', userId)
        .where('disabled_at', 'is', null) // a link may have been made while the account was being disabled
        .$if(expected !== undefined, query => query.where('password_hash', '=', expected ?? ''))
        .returning('id')
        .executeTakeFirst();
      if (!changed) return false;
      await transaction.deleteFrom('user_manager.sessions').where('user_id', '=', userId).execute();
      await transaction
        .deleteFrom('user_manager.one_time_tokens')
        .where('user_id', '=', userId)
        .where('purpose', '=', 'reset-password')
        .execute();
      return true;
    });

  async function sendReset(email: string): Promise<void> {
    const user = await db
      .selectFrom('user_manager.users')
      .select('id')
      .where('email', '=', email)
      .where('disabled_at', 'is', null)
      .executeTakeFirst();
    if (!user) return;
    const token = await issue(db, { purpose: 'reset-password', userId: user.id, minutes: resetMinutes });
    await mailer.send({
      to: email,
      subject: 'A new password',
      text: `Follow this link within ${resetMinutes} minutes: ${origins[0]}/reset-password#${token}`,
    });
  }
}

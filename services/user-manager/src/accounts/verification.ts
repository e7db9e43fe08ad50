import { sql } from 'kysely';
import { Type } from 'typebox';
import { record } from '../audit.ts';
import type { Context } from '../context.ts';
import type { App } from '../server/app.ts';
import { Problem, problems } from '../server/problem.ts';
import { exact } from '../server/validation.ts';
import { throttle } from '../throttle.ts';
import { issue, redeem, tokenPattern } from '../tokens.ts';
import { whoIs } from './guard.ts';

export const token = () => Type.String({ pattern: tokenPattern });
export const spent = () =>
  new Problem(400, 'invalid-token', 'This link does not work, or not any more. Ask for another.');

export async function sendVerification(
  { db, mailer, origins }: Context,
  { id, email }: { id: string; email: string },
): Promise<void> {
  const token = await issue(db, { purpose: 'verify-email', userId: id, minutes: 24 * 60 });
  await mailer.send({
    to: email,
    subject: 'Confirm your address',
    text: `Follow this link within a day: ${origins[0]}/verify-email#${token}`,
  });
}

export function verificationRoutes(app: App, context: Context): void {
  const { db, pool } = context;

  app.post(
    '/auth/me/verification',
    {
      schema: {
        summary: 'Have the link that confirms my address sent again',
        tags: ['accounts'],
        response: { 204: Type.Null(), ...problems(401, 403, 415, 429) },
      },
    },
    async (request, reply) => {
      const { userId } = await whoIs(context, request);
      await throttle(pool, [{ scope: 'verification', subject: userId, hits: 5 }]);
      const user = await db
        .selectFrom('user_manager.users')
        .select(['id', 'email'])
        .where('id', '=', userId)
        .where('email_verified_at', 'is', null)
        .executeTakeFirst();
      if (user) await sendVerification(context, user);
      return reply.status(204).send(null);
    },
  );

  app.post(
    '/auth/verify-email',
    {
      schema: {
        summary: 'Confirm an address by the link that was sent to it',
        tags: ['accounts'],
        body: exact({ token: token() }),
        response: { 204: Type.Null(), ...problems(400, 403, 413, 415) },
      },
    },
    async (request, reply) => {
      const { user_id } = (await redeem(db, 'verify-email', request.body.token)) ?? {};
      if (!user_id) throw spent();
      await db
        .updateTable('user_manager.users')
        .set({ email_verified_at: sql<Date>`now()` })
        .where('id', '=', user_id)
        .execute();
      await record(db, { action: 'email-verified', actor: user_id, address: request.ip });
      return reply.status(204).send(null);
    },
  );
}

import { Type } from 'typebox';
import { record } from '../audit.ts';
import type { Context } from '../context.ts';
import { hashPassword } from '../passwords/hash.ts';
import { newPassword, refuseWeak } from '../passwords/rules.ts';
import type { App } from '../server/app.ts';
import { problems } from '../server/problem.ts';
import { uuidv7 } from '../server/uuid.ts';
import { exact } from '../server/validation.ts';
import { network, throttle } from '../throttle.ts';
import { email, personName } from './user.ts';
import { sendVerification } from './verification.ts';

export const accepted = {
  202: Type.Object(
    { status: Type.Literal('accepted') },
    { description: 'The same whether or not there is such an account' },
  ),
};

export function registerRoutes(app: App, context: Context): void {
  const { db, pool, mailer } = context;
  app.post(
    '/auth/register',
    {
      schema: {
        summary: 'Register',
        description:
          'Says nothing about who is registered already: the owner of the address hears it by mail. Log in afterwards.',
        tags: ['accounts'],
        body: exact({ email: email(), name: personName(), password: newPassword() }),
        response: { ...accepted, ...problems(400, 403, 413, 415, 429) },
      },
    },
    async (request, reply) => {
      await throttle(pool, [{ scope: 'register', subject: network(request.ip), hits: 30 }]);
      const { name, password } = request.body;
      const address = request.body.email.toLowerCase();
      await refuseWeak(password, address);
      const password_hash = await hashPassword(password); // also for nothing, so that both take as long
      const created = await db
        .insertInto('user_manager.users')
        .values({ id: uuidv7(), email: address, name, password_hash })
        .onConflict(conflict => conflict.column('email').doNothing())
        .returning('id')
        .executeTakeFirst();
      // Not waited for: how long it takes would tell who is registered.
      const afterwards = created
        ? Promise.all([
            record(db, { action: 'registered', actor: created.id, address: request.ip }),
            sendVerification(context, { id: created.id, email: address }),
          ])
        : mailer.send({
            to: address,
            subject: 'You have an account already',
            text: 'Somebody, perhaps you, tried to register with this address. You can log in, or ask for a new password.',
          });
      afterwards.catch(error => request.log.error({ err: error }, 'what follows a registration failed'));
      return reply.status(202).send({ status: 'accepted' });
    },
  );
}

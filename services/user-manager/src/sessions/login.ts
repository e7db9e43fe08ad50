import { Type } from 'typebox';
import { email as emailSchema, toUser, user as userSchema } from '../accounts/user.ts';
import { record } from '../audit.ts';
import type { Context } from '../context.ts';
import { hashPassword, isOutdated, verifyPassword } from '../passwords/hash.ts';
import { anyPassword } from '../passwords/rules.ts';
import type { App } from '../server/app.ts';
import { Problem, problems } from '../server/problem.ts';
import { exact } from '../server/validation.ts';
import { forget, network, throttle } from '../throttle.ts';
import { noCookie, readCookie, sessionCookie } from './cookie.ts';
import { absoluteHours, closeSession, openSession } from './store.ts';

/** How many wrong guesses a quarter of an hour has room for. */
export const guessesPerAccount = 10;
export const guessesPerNetwork = 100;

/** One answer to a wrong name, a wrong password and a disabled account. */
const wrong = () => new Problem(401, 'wrong-credentials', 'The address or the password is wrong.');

export function loginRoutes(app: App, { db, pool }: Context): void {
  app.post(
    '/auth/login',
    {
      schema: {
        summary: 'Log in',
        description: 'Sets the session cookie. A session that the browser had before ends.',
        tags: ['sessions'],
        body: exact({ email: emailSchema(), password: anyPassword() }),
        response: { 200: userSchema, ...problems(400, 401, 403, 413, 415, 429) },
      },
    },
    async (request, reply) => {
      const { password } = request.body;
      const email = request.body.email.toLowerCase();
      const address = request.ip;
      const from = network(address);
      const perAccount = { scope: 'login', subject: `${email}\0${from}`, hits: guessesPerAccount };
      await throttle(pool, [perAccount, { scope: 'login', subject: from, hits: guessesPerNetwork }]);

      const user = await db
        .selectFrom('user_manager.users')
        .selectAll()
        .where('email', '=', email)
        .executeTakeFirst();
      const isRight = await verifyPassword(user?.password_hash, password);
      const refuse = async () => {
        await record(db, { action: 'login-failed', subject: user?.id ?? null, address });
        return wrong();
      };
      if (!user || !isRight || user.disabled_at) throw await refuse();

      const passwordHash = await rehashed(user.id, user.password_hash, password);
      const userAgent = (request.headers['user-agent'] ?? '').slice(0, 300);
      const token = await openSession(db, { id: user.id, passwordHash, userAgent, address });
      if (!token) throw await refuse(); // the password was changed, or the account disabled, while it was being verified
      const old = readCookie(request.headers.cookie);
      if (old) await closeSession(db, old);
      await forget(pool, perAccount);
      await record(db, { action: 'logged-in', actor: user.id, address });
      reply.header('set-cookie', sessionCookie(token, absoluteHours * 3600));
      return toUser(user);
    },
  );

  app.post(
    '/auth/logout',
    {
      schema: {
        summary: 'Log out',
        description: 'Whoever is not logged in is so afterwards too.',
        tags: ['sessions'],
        response: { 204: Type.Null(), ...problems(403, 415) },
      },
    },
    async (request, reply) => {
      const token = readCookie(request.headers.cookie);
      const closed = token && (await closeSession(db, token));
      if (closed) await record(db, { action: 'logged-out', actor: closed.user_id, address: request.ip });
      return reply.header('set-cookie', noCookie).status(204).send(null);
    },
  );

  /** Hashes with today's parameters, now that the password is at hand. Returns what is stored. */
  async function rehashed(id: string, stored: string, password: string): Promise<string> {
    if (!isOutdated(stored)) return stored;
    const password_hash = await hashPassword(password);
    const updated = await db
      .updateTable('user_manager.users')
      .set({ password_hash })
      .where('id', '=', id)
      .where('password_hash', '=', stored)
      .returning('id')
      .executeTakeFirst();
    return updated ? password_hash : stored;
  }
}

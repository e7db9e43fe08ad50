import type { FastifyReply, FastifyRequest } from 'fastify';
import { isForged } from '../authorization/origin.ts';
import type { Context } from '../context.ts';
import type { App } from '../server/app.ts';
import { Problem } from '../server/problem.ts';
import { readCookie } from '../sessions/cookie.ts';
import type { Session } from '../sessions/store.ts';

/**
 * For the routes of this scope, which people call: changes come from pages of ours, and no answer is kept in a cache. By
 * route and not by path, which can be spelt in many ways.
 */
export function guardRoutes(app: App, { origins }: Context): void {
  app.addHook('onRequest', (request: FastifyRequest, reply: FastifyReply, done) => {
    reply.header('cache-control', 'no-store');
    if (isForged(request.method, request.headers, origins))
      return done(new Problem(403, 'cross-origin', 'This request does not come from a page of the shop.'));
    done();
  });
}

/** @throws {Problem} 401 */
export async function whoIs({ findSession }: Context, request: FastifyRequest): Promise<Session> {
  const token = readCookie(request.headers.cookie);
  const session = token && (await findSession(token));
  if (!session) throw new Problem(401, 'not-logged-in', 'Log in first.');
  return session;
}

/** @throws {Problem} 401 or 403 */
export async function adminOnly(context: Context, request: FastifyRequest): Promise<Session> {
  const session = await whoIs(context, request);
  if (session.role !== 'admin') throw new Problem(403, 'forbidden', 'This needs another role than yours.');
  return session;
}

import { Type } from 'typebox';
import type { Context } from '../context.ts';
import type { App } from '../server/app.ts';
import { Problem, problems } from '../server/problem.ts';
import { exact } from '../server/validation.ts';
import { readCookie } from '../sessions/cookie.ts';
import { within } from './deadline.ts';
import { readForwarded } from './forwarded.ts';
import { isForged } from './origin.ts';

const patience = 500;

/**
 * Traefik's question (forwardAuth): may this request pass, and whose is it? What a route demands is in the question's own
 * query, which the platform's operators write; the path that somebody asked for decides nothing.
 */
export function authorizationRoutes(app: App, { findSession, mint, origins }: Context): void {
  // Traefik writes down every request that it asks about, and what it was told: one logger serves, and says little.
  const logger = app.log.child({}, { level: 'warn' });
  app.setChildLoggerFactory(() => logger);
  app.addHook('onRequest', (_, reply, done) => {
    reply.header('cache-control', 'no-store');
    done();
  });

  app.get(
    '/auth',
    {
      exposeHeadRoute: false,
      schema: {
        summary: 'Whether a request may pass, and whose it is',
        description: 'For Traefik alone; it has no route from outside.',
        tags: ['in-cluster'],
        querystring: exact({
          require: Type.Optional(Type.Literal('admin', { description: 'The role it takes' })),
          optional: Type.Optional(
            Type.Literal('1', { description: 'Passes without a session too, as nobody' }),
          ),
        }),
        response: {
          204: {
            type: 'null',
            description: 'It may pass.',
            headers: {
              'x-auth-user': { type: 'string', description: 'Id; missing when nobody is logged in' },
              'x-auth-role': { type: 'string' },
              'x-auth-assertion': {
                type: 'string',
                description: 'A JWT, signed with Ed25519, good for at most 60 s',
              },
            },
          },
          ...problems(400, 401, 403),
        },
      },
    },
    async (request, reply) => {
      const { require, optional } = request.query;
      if (require && optional)
        throw new Problem(
          400,
          'invalid-request',
          'A route cannot both require a role and do without a session.',
        );
      const { method } = readForwarded(request.raw.rawHeaders);

      const token = readCookie(request.headers.cookie);
      const session = token && (await within(patience, findSession(token)));
      if (!session) {
        if (optional) return reply.status(204).send(null);
        throw new Problem(401, 'not-logged-in', 'Log in first.');
      }
      if (isForged(method, request.headers, origins))
        throw new Problem(403, 'cross-origin', 'This request does not come from a page of the shop.');
      if (require && session.role !== require)
        throw new Problem(403, 'forbidden', 'This needs another role than yours.');
      const { id: sessionId, userId, role } = session;
      return reply
        .status(204)
        .headers({
          'x-auth-user': userId,
          'x-auth-role': role,
          'x-auth-assertion': await mint({ sessionId, userId, role }),
        })
        .send(null);
    },
  );
}

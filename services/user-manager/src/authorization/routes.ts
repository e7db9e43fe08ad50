import { Type } from 'typebox';
import type { Context } from '../context.ts';
import type { App } from '../server/app.ts';
import { problems } from '../server/problem.ts';
import { exact } from '../server/validation.ts';
import { decision } from './shortcut.ts';

/**
 * Traefik's question (forwardAuth): may this request pass, and whose is it? What a route demands is in the question's own
 * query, which the platform's operators write; the path that somebody asked for decides nothing.
 */
export function authorizationRoutes(app: App, context: Context): void {
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
    async (request, reply) =>
      reply
        .status(204)
        .headers(await decision(context, request.query, request.raw))
        .send(null),
  );
}

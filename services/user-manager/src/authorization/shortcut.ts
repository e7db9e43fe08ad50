import type { IncomingMessage, ServerResponse } from 'node:http';
import { trace } from '@opentelemetry/api';
import type { Context } from '../context.ts';
import type { Server } from '../server/app.ts';
import { type Demand, decide } from './decide.ts';

/** As the platform's middlewares ask. Whoever asks otherwise is answered by the route. */
const demands = new Map<string | undefined, Demand>([
  ['/auth', {}],
  ['/auth?require=admin', { require: 'admin' }],
  ['/auth?optional=1', { optional: '1' }],
]);

/** What was decided of a request that does not pass: the route says why, and does not ask again. */
const refused = new WeakMap<IncomingMessage, Promise<Record<string, string>>>();

/** What is decided of a request, once. */
export const decision = (context: Context, demand: Demand, request: IncomingMessage) =>
  refused.get(request) ?? decide(context, demand, request);

/**
 * Has Node's own server say that a request may pass, which is most of what this service does: by way of the routes, hooks and
 * replies it would take a third more of the processor (npm run bench -- shop). All else goes by the routes, and everything does
 * as soon as the service is shutting down: then they ask for connections to be closed.
 */
export function shortcut({ app, observe, came, drain, ...server }: Server, context: Context): Server {
  let isDraining = false;
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const demand = request.method === 'GET' && demands.get(request.url);
    if (!demand) {
      app.routing(request, response);
      return;
    }
    const began = performance.now();
    const decided = decide(context, demand, request);
    decided.then(
      identity => {
        const closing = isDraining && { connection: 'close' };
        response.writeHead(204, { 'cache-control': 'no-store', ...closing, ...identity }).end();
        trace.getActiveSpan()?.updateName('GET /auth').setAttribute('http.route', '/auth');
        observe('GET', '/auth', { statusCode: 204, elapsedTime: performance.now() - began });
      },
      () => {
        refused.set(request, decided);
        came.set(request, began);
        app.routing(request, response);
      },
    );
  };
  const serve = (listener: typeof answer) => app.server.removeAllListeners('request').on('request', listener);
  serve(answer);
  return {
    ...{ ...server, app, observe, came },
    drain: () => {
      isDraining = true;
      serve(app.routing);
      drain();
    },
  };
}

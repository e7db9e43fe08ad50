import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import swagger from '@fastify/swagger';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { type FastifyError, type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import { Registry } from 'prom-client';
import { measure } from './metrics.ts';
import { mediaType, Problem, problemSchema } from './problem.ts';
import { validatorCompiler } from './validation.ts';

export interface ServerOptions {
  title: string;
  description: string;
  /** Whether to log, and where: pino's options. */
  log: boolean | { level: string };
  /** Why the service cannot answer requests now, or nothing. */
  notReady: () => Promise<string | undefined>;
  /** Whether an error means that something this service needs is out of reach. */
  unavailable?: (error: unknown) => boolean;
  /** Whose X-Forwarded-For is believed: addresses, networks, or names of proxy-addr. */
  trustedProxies?: string[];
}

export type Server = Awaited<ReturnType<typeof createServer>>;
export type App = Server['app'];

/** A server without routes of its own: validation, problems, OpenAPI, health, metrics, draining. */
export async function createServer(options: ServerOptions) {
  let draining = false;
  const registry = new Registry();
  const app = Fastify({
    logger: options.log,
    // Never what a client sent. It is in every line about a request, and in its answer, so that Traefik's access log has it too.
    genReqId: () => randomUUID(),
    trustProxy: options.trustedProxies ?? false,
    // Longer than Traefik keeps idle connections (90 s), so that it never writes into one that is being closed.
    keepAliveTimeout: 95_000,
    requestTimeout: 30_000,
    routerOptions: { maxParamLength: 8000 }, // what is too long for an id is no id
    bodyLimit: 64 * 1024,
    return503OnClosing: false,
    logController: new LogController({ disableRequestLogging: true }), // one line a request is written below
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => answer(error, request, reply),
  }).withTypeProvider<TypeBoxTypeProvider>();

  app.setValidatorCompiler(validatorCompiler);
  app.removeContentTypeParser('text/plain'); // JSON or nothing: forms and plain text are what other sites can send
  app.setErrorHandler(answer);
  app.setNotFoundHandler(() => {
    throw new Problem(404, 'not-found', 'There is nothing here.');
  });
  // Hooks with callbacks: a promise for each costs more than what they do.
  app.addHook('onSend', ({ id }, reply, payload, done) => {
    reply.header('x-content-type-options', 'nosniff').header('x-request-id', id);
    if (draining) reply.header('connection', 'close');
    done(null, payload);
  });
  const observe = measure(registry);
  const came = new WeakMap<IncomingMessage, number>();
  app.addHook('onResponse', (request, reply, done) => {
    const { url: route = 'none' } = request.routeOptions;
    const began = came.get(request.raw);
    const elapsedTime = began === undefined ? reply.elapsedTime : performance.now() - began;
    observe(request.method, route, { statusCode: reply.statusCode, elapsedTime });
    if (!probes.has(route) && written.has(request.log.level)) {
      const { method, url, ip } = request; // the address is worked out when it is asked for, which is dear
      const milliseconds = Math.round(elapsedTime);
      request.log.info({ method, url, ip, status: reply.statusCode, milliseconds }, 'answered');
    }
    done();
  });
  app.addSchema(problemSchema);
  await app.register(swagger, {
    refResolver: { buildLocalReference: json => String(json.$id) },
    openapi: {
      openapi: '3.1.0',
      info: { title: options.title, description: options.description, version: '1' },
    },
  });

  app.get('/healthz', { schema: { hide: true } }, async () => ({ status: 'alive' }));
  app.get('/readyz', { schema: { hide: true } }, async () => {
    const reason = draining ? 'It is shutting down.' : await options.notReady();
    if (reason) throw new Problem(503, 'not-ready', reason);
    return { status: 'ready' };
  });

  function answer(error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): void {
    const { status, headers, body } = toProblem(error, options.unavailable);
    const { id: reqId } = request; // some routes share one logger, which does not know it
    if (status === 500) app.log.error({ reqId, err: error }, 'a mistake of ours');
    else if (status > 500) app.log.warn({ reqId, reason: error.message }, 'not available');
    reply.status(status).headers(headers).type(mediaType).send(body);
  }

  return {
    app,
    registry,
    /** For answers that no route gives. */
    observe,
    /** When a request came that is not given to its route at once, as `performance.now()` says it. */
    came,
    /** From now on the service says that it is not ready, and asks clients to close their connections. */
    drain: () => {
      draining = true;
    },
  };
}

/** Asked every few seconds, by the kubelet. */
const probes = new Set(['/healthz', '/readyz']);
/** The levels at which a request's line is written. */
const written = new Set(['info', 'debug', 'trace']);

function toProblem(error: FastifyError | Error, unavailable?: (error: unknown) => boolean): Problem {
  if (error instanceof Problem) return error;
  const { validation, validationContext, statusCode, code } = error as Partial<FastifyError>;
  if (validation && validationContext === 'params')
    return new Problem(404, 'not-found', 'There is nothing here.');
  if (validation) {
    const errors = validation.map(({ instancePath, params, message }) => ({
      at: `${validationContext}${instancePath}`,
      detail: `${message ?? 'is wrong'}${params.additionalProperty ? ` (${params.additionalProperty})` : ''}`,
    }));
    return new Problem(400, 'invalid-request', 'The request is not as this operation wants it.', { errors });
  }
  if (unavailable?.(error))
    return new Problem(503, 'unavailable', 'Something this service needs does not answer. Try again.', {
      headers: { 'retry-after': '2' },
    });
  if (statusCode && statusCode < 500) {
    const name = names[code ?? ''] ?? 'invalid-request';
    return new Problem(statusCode, name, error.message);
  }
  return new Problem(500, 'internal', 'This is a mistake of ours. It is in the log.');
}

const names: Record<string, string> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported-media-type',
  FST_ERR_CTP_BODY_TOO_LARGE: 'too-large',
};

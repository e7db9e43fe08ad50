import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { createFaults, type Effect, type Fault, type Faults } from './faults.ts';

/** One request as it came in, and what was answered; kept in the order of arrival. */
export interface Recorded {
  method: string;
  /** Path and query, undecoded. */
  url: string;
  headers: Record<string, string | string[] | undefined>;
  body: string;
  /** Undefined while it is under way, and when the connection was reset. */
  status?: number;
  fault?: Effect['kind'];
}

export interface StandIn {
  /** `http://127.0.0.1:PORT` */
  url: string;
  requests: Recorded[];
  /** What the stand-in had to refuse as no real client should send it: unknown paths, bad signatures, malformed bodies. Empty after a good run. */
  complaints: string[];
  faults: Faults;
  close(): Promise<void>;
}

export interface Options {
  name: string;
  /** Registers the API's routes. The raw body of a request is `rawBody(request)`. */
  routes(app: FastifyInstance, complain: (sentence: string) => void): void | Promise<void>;
  /** The whole state as JSON, for people and tests: `GET /_sandbox/state`. */
  state(): unknown;
  /** How this API words a refusal of a malformed or unknown request. */
  refusal?(status: number, sentence: string): unknown;
}

/** The API's own bytes, before JSON was read from them: signatures are over these. */
export const rawBody = (request: FastifyRequest): string => raw.get(request.raw) ?? '';
const raw = new WeakMap<object, string>();

/**
 * An HTTP server that plays one API: it logs every request, can be told to fail, refuses what it does not know, and shows
 * its state. `/_sandbox/requests`, `/_sandbox/state` and `POST /_sandbox/faults` are the same over HTTP.
 */
export async function standIn({ name, routes, state, refusal }: Options): Promise<StandIn> {
  const app = fastify({
    bodyLimit: 64 * 1024 * 1024,
    forceCloseConnections: true,
    // Idle connections that end after the usual 5 s would break clients that are about to use them again.
    keepAliveTimeout: 120_000,
    routerOptions: { ignoreTrailingSlash: false, caseSensitive: true },
    ajv: {
      customOptions: { removeAdditional: false, coerceTypes: false, useDefaults: false, allErrors: true },
    },
  });
  const requests: Recorded[] = [];
  const complaints: string[] = [];
  const faults = createFaults();
  const records = new WeakMap<object, Recorded>();
  const complain = (sentence: string) => void complaints.push(`${name}: ${sentence}`);
  const refuse = (status: number, sentence: string) => refusal?.(status, sentence) ?? { message: sentence };

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (request, body, done) => {
    raw.set(request.raw, body as string);
    const record = records.get(request.raw);
    if (record) record.body = body as string;
    if (body === '' || !/json/.test(request.headers['content-type'] ?? '')) return done(null, body);
    try {
      done(null, JSON.parse(body as string));
    } catch {
      done(Object.assign(new Error('the body is not JSON'), { statusCode: 400 }));
    }
  });

  app.addHook('onRequest', async (request, reply) => {
    if (request.url.startsWith('/_sandbox/')) return;
    const record: Recorded = { method: request.method, url: request.url, headers: request.headers, body: '' };
    records.set(request.raw, record);
    requests.push(record);
    const effect = faults.next(request.method, request.url);
    if (!effect) return;
    record.fault = effect.kind;
    await before(effect, request, reply);
  });
  app.addHook('onSend', async (request, reply, payload) => {
    const record = records.get(request.raw);
    if (!record) return payload;
    if (record.fault === 'reset-after') {
      reset(request, reply);
      return new Promise(() => {}); // nothing may be sent any more
    }
    if (record.fault === 'truncate' || record.fault === 'stall')
      return half(reply, payload, record.fault === 'stall');
    record.status = reply.statusCode;
    return payload;
  });

  app.setNotFoundHandler((request, reply) => {
    complain(`${request.method} ${request.url} is not a path of this API`);
    return reply.code(501).send(refuse(501, `${request.method} ${request.url} is not part of this stand-in`));
  });
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500;
    complain(`${request.method} ${request.url}: ${status >= 500 ? error.stack : error.message}`);
    return reply.code(status).send(refuse(status, error.message));
  });

  app.get('/_sandbox/requests', async () => requests);
  app.get('/_sandbox/state', async () => state());
  app.post('/_sandbox/faults', async (request, reply) => {
    faults.schedule(...(request.body as Fault[]));
    return reply.code(204).send();
  });
  await app.register(async scope => routes(scope, complain));

  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { url, requests, complaints, faults, close: () => app.close() };
}

async function before(effect: Effect, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  switch (effect.kind) {
    case 'status':
      await reply
        .code(effect.status)
        .headers(effect.headers ?? {})
        .send(effect.body ?? { message: 'a fault was scheduled here' });
      return;
    case 'rate-limit':
      await reply.code(429).header('retry-after', String(effect.retryAfter)).send({ message: 'rate limit' });
      return;
    case 'html':
      await reply
        .code(200)
        .type('text/html')
        .send('<!doctype html><title>Bad gateway</title><h1>Please wait</h1>');
      return;
    case 'delay':
      await sleep(effect.milliseconds);
      return;
    case 'hang':
      await new Promise<void>(resolve => request.raw.socket.once('close', () => resolve()));
      return;
    case 'reset-before':
      reset(request, reply);
      return;
  }
}

function reset(request: FastifyRequest, reply: FastifyReply): void {
  reply.hijack();
  request.raw.socket.resetAndDestroy();
}

/** Announces the whole length, sends half, and closes: what a dying proxy leaves; or leaves it at that. */
function half(reply: FastifyReply, payload: unknown, stays: boolean): Readable {
  const body = Buffer.from(
    typeof payload === 'string' || Buffer.isBuffer(payload) ? (payload as string) : '',
  );
  reply.header('content-length', body.length);
  return Readable.from(
    (async function* () {
      yield body.subarray(0, Math.floor(body.length / 2));
      if (stays) await new Promise<void>(resolve => reply.raw.once('close', () => resolve()));
      throw new Error('cut short on purpose');
    })(),
  );
}

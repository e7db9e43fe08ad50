import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import { createServer as createTlsServer, request as sendSecurely } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pair } from './certificates.ts';
import { type Asked, createFaults, type Effect, type Faults } from './faults.ts';

export interface FaultProxy {
  /** `http://127.0.0.1:PORT`, or https */
  url: string;
  faults: Faults;
  /** `PUT /bucket/key`, in the order of arrival. */
  requests: string[];
  close(): Promise<void>;
}

export interface ProxyOptions {
  /** Asked about each request, in the order of arrival; what was scheduled decides unless told. */
  decide?(request: Asked): Effect | undefined;
  /** Hears of an effect when it can be seen at the server, and before the client sees anything of it. */
  struck?(effect: Effect): void;
  /** For a server that speaks TLS and asks who comes: who the proxy says it is, and whom it believes. */
  tls?: { own: Pair; client: Pair; ca: string };
}

/** Stands before a real server, which nobody can tell to fail, and hands everything through that no fault is scheduled for. */
export async function faultProxy(target: string, options: ProxyOptions = {}): Promise<FaultProxy> {
  const faults = createFaults();
  const { decide = ({ method, url }) => faults.next(method, url), struck = () => {}, tls } = options;
  const requests: string[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = '', url = '', headers } = request;
    requests.push(`${method} ${url}`);
    try {
      const body = await buffer(request);
      const effect = decide({ method, url, headers, body });
      await serve({ target, tls, struck: () => effect && struck(effect) }, request, body, response, effect);
    } catch {
      response.destroy(); // one of the two sides has gone
    }
  };
  const server = tls
    ? createTlsServer({ cert: tls.own.certificate, key: tls.own.key }, take)
    : createServer(take);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref(); // whoever forgets to close it can still end
  return {
    url: `http${tls ? 's' : ''}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults,
    requests,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** What is done only when the server has acted. */
const after = new Set<Effect['kind']>(['reset-after', 'truncate', 'stall', 'pass']);

interface Way {
  target: string;
  tls: ProxyOptions['tls'];
  struck(): void;
}

async function serve(
  way: Way,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
  effect: Effect | undefined,
): Promise<void> {
  const isAfter = effect !== undefined && after.has(effect.kind);
  if (!isAfter) way.struck();
  switch (effect?.kind) {
    case 'status':
      response.writeHead(effect.status, effect.headers).end(String(effect.body ?? ''));
      return;
    case 'rate-limit':
      response.writeHead(429, { 'retry-after': String(effect.retryAfter) }).end();
      return;
    case 'html':
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end('<!doctype html><title>Bad gateway</title>');
      return;
    case 'hang':
      return;
    case 'reset-before':
      reset(request);
      return;
    case 'delay':
      await sleep(effect.milliseconds);
      break;
  }
  const answer = await forward(way, request, body);
  const content = await buffer(answer);
  const half = content.subarray(0, content.length / 2);
  if (effect?.kind === 'stall') {
    response.writeHead(answer.statusCode ?? 502, answer.rawHeaders).flushHeaders();
    response.write(half);
    await sleep(1000); // whoever limits the time to the headers only has them by then
    way.struck();
    return;
  }
  if (isAfter) way.struck();
  if (effect?.kind === 'reset-after') {
    reset(request);
    return;
  }
  response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
  if (effect?.kind !== 'truncate') response.end(content);
  else response.write(half, () => request.socket.destroy());
}

/** A TLS socket knows no reset of its own. */
const reset = ({ socket }: IncomingMessage): void => {
  if ('encrypted' in socket) socket.destroy();
  else socket.resetAndDestroy();
};

async function forward(
  { target, tls }: Way,
  request: IncomingMessage,
  body: Buffer,
): Promise<IncomingMessage> {
  const { method, url, headers } = request;
  const to = new URL(url ?? '/', target);
  const onward = tls
    ? sendSecurely(to, { method, headers, ca: tls.ca, cert: tls.client.certificate, key: tls.client.key })
    : send(to, { method, headers });
  onward.end(body);
  const [answer] = (await once(onward, 'response')) as [IncomingMessage];
  return answer;
}

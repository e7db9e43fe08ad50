import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { createFaults, type Effect, type Faults } from './faults.ts';

export interface FaultProxy {
  /** `http://127.0.0.1:PORT` */
  url: string;
  faults: Faults;
  /** `PUT /bucket/key`, in the order of arrival. */
  requests: string[];
  close(): Promise<void>;
}

/** Stands before a real server, which nobody can tell to fail, and hands everything through that no fault is scheduled for. */
export async function faultProxy(target: string): Promise<FaultProxy> {
  const faults = createFaults();
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    const { method = '', url = '' } = request;
    requests.push(`${method} ${url}`);
    try {
      await serve(target, request, response, faults.next(method, url));
    } catch {
      response.destroy(); // one of the two sides has gone
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref(); // whoever forgets to close it can still end
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults,
    requests,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function serve(
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
  effect: Effect | undefined,
): Promise<void> {
  const body = await buffer(request);
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
      request.socket.resetAndDestroy();
      return;
    case 'delay':
      await sleep(effect.milliseconds);
      break;
  }
  const answer = await forward(target, request, body);
  const content = await buffer(answer);
  if (effect?.kind === 'reset-after') {
    request.socket.resetAndDestroy();
    return;
  }
  response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
  if (effect?.kind !== 'truncate') response.end(content);
  else response.write(content.subarray(0, content.length / 2), () => request.socket.destroy());
}

async function forward(target: string, request: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
  const { method, url, headers } = request;
  const onward = send(new URL(url ?? '/', target), { method, headers });
  onward.end(body);
  const [answer] = (await once(onward, 'response')) as [IncomingMessage];
  return answer;
}

import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { certificateAuthority } from '../certificates.ts';
import { apiClient } from './api.ts';

const busy = { status: 429, headers: { 'retry-after': '0' } };
const done = { status: 200, headers: {} };

test.each([
  ['what is not taken at the moment is asked again', [busy, busy, done], 200, 3],
  ['a refusal that names no time is the answer', [{ ...busy, headers: {} }, done], 429, 1],
  ['not for ever', Array(50).fill(busy), 429, 20],
])('%s', async (_, answers, status, asked) => {
  const authority = await certificateAuthority('a cluster');
  const { certificate: cert, key } = await authority.server(['127.0.0.1']);
  const came: string[] = [];
  const server = createServer({ cert, key }, (request, response) => {
    const { status, headers } = answers[came.length] ?? done;
    came.push(`${request.method} ${request.url}`);
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end('{}');
  }).listen(0, '127.0.0.1');
  try {
    await once(server, 'listening');
    const client = await authority.client({ user: 'somebody', groups: [], ttlSeconds: 60 });
    const endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const api = apiClient(endpoint, authority.certificate, client);
    expect(await api('GET', '/api')).toEqual({ status, body: {} });
    expect(came).toEqual(Array(asked).fill('GET /api'));
  } finally {
    server.close().closeAllConnections();
  }
});

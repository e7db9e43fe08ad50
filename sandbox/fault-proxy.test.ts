import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FaultProxy, faultProxy } from './fault-proxy.ts';

const objects = new Map<string, string>();
const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  if (request.method === 'PUT') objects.set(request.url ?? '', body);
  response.writeHead(200, { 'x-tag': 'one' }).end(objects.get(request.url ?? '') ?? '');
});
let proxy: FaultProxy;
beforeAll(async () => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  proxy = await faultProxy(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
afterAll(async () => {
  await proxy.close();
  server.close();
});

const put = (key: string, body = 'content') => fetch(`${proxy.url}/${key}`, { method: 'PUT', body });

test('what no fault is scheduled for passes through as it is', async () => {
  const response = await put('a%20b?x=1', 'grüezi');
  expect(response.headers.get('x-tag')).toBe('one');
  expect(await response.text()).toBe('grüezi');
  expect(proxy.requests.at(-1)).toBe('PUT /a%20b?x=1');
});

test('faults hit before or after the server has acted', async () => {
  proxy.faults.schedule(
    { path: '^/refused', effect: { kind: 'status', status: 503, body: 'no' } },
    { path: '^/never', effect: { kind: 'reset-before' } },
    { path: '^/lost', effect: { kind: 'reset-after' } },
    { path: '^/half', effect: { kind: 'truncate' } },
    { path: '^/slow', effect: { kind: 'delay', milliseconds: 300 } },
  );
  expect((await put('refused')).status).toBe(503);
  await expect(put('never')).rejects.toThrow();
  await expect(put('lost')).rejects.toThrow();
  await expect(put('half').then(response => response.text())).rejects.toThrow();
  const before = Date.now();
  expect((await put('slow')).status).toBe(200);
  expect(Date.now() - before).toBeGreaterThanOrEqual(290);
  expect(['refused', 'never', 'lost', 'half', 'slow'].map(key => objects.has(`/${key}`))).toEqual([
    false,
    false,
    true,
    true,
    true,
  ]);
});

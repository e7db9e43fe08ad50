import { Type } from 'typebox';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createServer, type Server } from './app.ts';
import { Problem, problems } from './problem.ts';
import { exact, text } from './validation.ts';

let server: Server;
let reason: string | undefined;
beforeAll(async () => {
  server = await createServer({
    title: 'test',
    description: '',
    log: false,
    notReady: async () => reason,
    unavailable: error => (error as Error).message === 'lost',
  });
  const { app } = server;
  const body = exact({ name: text(1, 5), count: Type.Optional(Type.Integer()) });
  app.post(
    '/things',
    { schema: { body, response: { 200: body, ...problems(400) } } },
    async request => request.body,
  );
  app.get('/things/:id', { schema: { params: exact({ id: Type.Integer() }) } }, async () => ({}));
  app.get('/bug', async () => {
    throw new Error('the password is hunter2');
  });
  app.get('/lost', async () => {
    throw new Error('lost');
  });
  app.get('/busy', async () => {
    throw new Problem(429, 'busy', 'Later.', { headers: { 'retry-after': '7' }, more: [1] });
  });
});
afterAll(() => server.app.close());

const post = (payload: string, type = 'application/json') =>
  server.app.inject({ method: 'POST', url: '/things', headers: { 'content-type': type }, payload });
const get = (url: string) => server.app.inject({ method: 'GET', url });

test.each([
  ['an unknown property', '{"name":"a","admin":true}', 'invalid-request'],
  ['a number as text', '{"name":"a","count":"1"}', 'invalid-request'],
  ['too long', '{"name":"abcdef"}', 'invalid-request'],
  ['a NUL', '{"name":"a\\u0000"}', 'invalid-request'],
  ['no JSON', '{"name":', 'invalid-request'],
  ['nothing', '', 'invalid-request'],
  ['a prototype', '{"name":"a","__proto__":{}}', 'invalid-request'],
])('%s: 400', async (_, payload, name) => {
  const answer = await post(payload);
  expect([answer.statusCode, answer.json().type]).toEqual([400, `urn:shop:problem:${name}`]);
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
});

test('all that is wrong is said at once', async () => {
  const { errors } = (await post('{"name":"","count":1.5,"x":1}')).json();
  expect(errors.map((each: { at: string }) => each.at).sort()).toEqual(['body', 'body/count', 'body/name']);
});

test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
  '%s: 415',
  async type => {
    expect((await post('{"name":"a"}', type)).statusCode).toBe(415);
  },
);

test('too much: 413', async () => {
  expect((await post(JSON.stringify({ name: 'a'.repeat(70_000) }))).json().type).toBe(
    'urn:shop:problem:too-large',
  );
});

test.each([
  ['/none', 404, 'not-found'],
  ['/things/x', 404, 'not-found'],
  ['/things/%zz', 400, 'invalid-request'],
  ['/lost', 503, 'unavailable'],
  ['/bug', 500, 'internal'],
  ['/busy', 429, 'busy'],
])('%s: %i', async (url, status, name) => {
  const answer = await get(url);
  expect([answer.statusCode, answer.json().type]).toEqual([status, `urn:shop:problem:${name}`]);
  expect(answer.json()).toMatchObject({ status, title: expect.any(String), detail: expect.any(String) });
  expect(answer.body).not.toContain('hunter2');
  expect(answer.headers['retry-after']).toBe({ 503: '2', 429: '7' }[status]);
});

test('a request has a name of its own, whatever the client calls it', async () => {
  const ask = () => server.app.inject({ url: '/healthz', headers: { 'x-request-id': 'mine' } });
  const ids = [await ask(), await ask()].map(({ headers }) => headers['x-request-id']);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{36}$/);
  expect(ids[0]).not.toBe(ids[1]);
});

test('what goes wrong is in the log under the name that the answer has', async () => {
  const lines: string[] = [];
  const log = { level: 'warn', stream: { write: (line: string) => void lines.push(line) } };
  const { app } = await createServer({ title: '', description: '', log, notReady: async () => 'Not yet.' });
  const { headers } = await app.inject({ url: '/readyz' });
  expect(JSON.parse(lines.join(''))).toMatchObject({ reqId: headers['x-request-id'], reason: 'Not yet.' });
  await app.close();
});

test('requests are measured by their route, whatever people ask for', async () => {
  await get('/things/123');
  await get('/made-up-by-a-client');
  const metrics = await server.registry.metrics();
  expect(metrics).toContain('route="/things/:id"');
  expect(metrics).not.toContain('made-up');
});

test('it is ready when it can work, and not while it is shutting down', async () => {
  reason = 'There is no database.';
  const unready = await get('/readyz');
  expect([unready.statusCode, unready.json().detail]).toEqual([503, reason]);
  reason = undefined;
  expect((await get('/readyz')).statusCode).toBe(200);
  server.drain();
  const draining = await get('/readyz');
  expect([draining.statusCode, draining.headers.connection]).toEqual([503, 'close']);
  expect((await get('/healthz')).statusCode).toBe(200);
});

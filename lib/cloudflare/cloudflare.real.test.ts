import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { type CloudflareOptions, cloudflare as standIn } from '../../sandbox/cloudflare/index.ts';
import type { Effect } from '../../sandbox/faults.ts';
import { type Batch, cloudflare } from './cloudflare.ts';

const opened: { close(): Promise<void>; complaints: string[] }[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  const complaints = opened.flatMap(server => server.complaints);
  await Promise.all(opened.splice(0).map(server => server.close()));
  expect(complaints).toEqual([]);
});

async function open(options: Partial<CloudflareOptions> = {}, token = 'cloudflare-token') {
  const server = await standIn({
    zones: [{ name: 'example.com', records: addresses(7) }],
    ...options,
  });
  opened.push(server);
  vi.stubEnv('CLOUDFLARE_BASE_URL', `${server.url}/client/v4`);
  // Credentials of another kind that happen to lie about are not to be used.
  vi.stubEnv('CLOUDFLARE_API_KEY', 'something-else');
  vi.stubEnv('CLOUDFLARE_EMAIL', 'a@example.com');
  const told: string[] = [];
  const client = cloudflare(token, line => told.push(line));
  const { id } = server.zone('example.com');
  return { server, client, told, zone: { id, name: 'example.com', plan: 'free' } };
}

const addresses = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ type: 'A', name: `n${index}`, content: '203.0.113.1' }));
const post = (name: string, content = '203.0.113.9') => ({
  ...{ type: 'A', name: `${name}.example.com`, content },
  ...{ ttl: 1, proxied: false, comment: null },
});
const batch = (changes: Partial<Batch>): Batch => ({ deletes: [], patches: [], posts: [], ...changes });
const sentence = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    (error: Error) => `${error.name}: ${error.message}`,
  );

test('a zone is found by its name, in one request, with its plan', async () => {
  const { client, server } = await open({
    zones: [{ name: 'example.com', plan: 'pro' }, { name: 'example.net' }],
  });
  expect(await client.zone('example.com')).toMatchObject({ name: 'example.com', plan: 'pro' });
  expect(await client.zone('example.net')).toEqual({
    id: server.zone('example.net').id,
    name: 'example.net',
    plan: 'free',
  });
  expect(server.requests.map(({ url }) => url)).toEqual([
    '/client/v4/zones?name=example.com',
    '/client/v4/zones?name=example.net',
  ]);
  expect(await client.zone('example.com', 'abc')).toEqual({ id: 'abc', name: 'example.com' });
  expect(await sentence(client.zone('example.org'))).toMatch(
    /^UserError: Could not find the zone example.org at Cloudflare: there is no zone example.org/,
  );
});

test.each<[string, 'free' | 'pro' | 'enterprise', boolean, [number, number], object, string[]]>([
  ['few changes', 'free', true, [200, 200], { batch: 200, records: 200 }, []],
  ['a free zone that would be too full', 'free', true, [9, 201], { batch: 200, records: 200 }, ['quota']],
  ['a paid zone', 'pro', true, [3000, 3500], { batch: 3500, records: 3500 }, []],
  ['a large zone', 'enterprise', true, [3000, 50_000], { batch: 3500, records: 200_000 }, ['quota']],
  ['few changes by id', 'pro', false, [200, 200], { batch: 200, records: 200 }, []],
  ['many changes by id', 'pro', false, [201, 201], { batch: 3500, records: 3500 }, ['plan']],
])('the limits of %s', async (_, plan, looked, [operations, records], limits, asked) => {
  const { client, server } = await open({ zones: [{ name: 'example.com', plan }] });
  const { id } = server.zone('example.com');
  const zone = await client.zone('example.com', looked ? undefined : id);
  const from = server.requests.length;
  expect(await client.limits(zone, { operations, records })).toEqual(limits);
  const paths = { plan: `/client/v4/zones/${id}`, quota: `/client/v4/zones/${id}/dns_records/usage` };
  expect(server.requests.slice(from).map(({ url }) => url)).toEqual(
    asked.map(each => paths[each as keyof typeof paths]),
  );
});

test('a token that may not ask for limits gets the smallest, and is told', async () => {
  const { client, server, zone, told } = await open();
  const forbidden = { errors: [{ code: 10000, message: 'Authentication error' }] };
  server.faults.schedule({ effect: { kind: 'status', status: 403, body: forbidden }, times: 99 });
  const unknown = { id: zone.id, name: zone.name };
  expect(await client.limits(unknown, { operations: 201, records: 201 })).toEqual({ batch: 200 });
  expect(told).toEqual([
    expect.stringMatching(/^Cloudflare: could not ask for the plan of example.com: the token is not/),
    expect.stringMatching(/^Cloudflare: could not ask for the quota of example.com: the token is not/),
  ]);
});

test('a list is whole, in as few requests as there are pages, made twice where there are several', async () => {
  const { client, server, zone } = await open({ mostPerPage: 3 });
  const records = await client.records(zone);
  expect(records.map(({ name }) => name).sort()).toEqual(
    addresses(7).map(({ name }) => `${name}.example.com`),
  );
  expect(records[0]).toMatchObject({
    type: 'A',
    content: '203.0.113.1',
    ttl: 1,
    proxied: false,
    comment: null,
  });
  const pages = [1, 2, 3].map(page => `page=${page}&per_page=5000`);
  const asked = () => server.requests.splice(0).map(({ url }) => url.split('?')[1]);
  expect(asked()).toEqual([...pages, ...pages]);
  const ids = await client.ids(zone);
  expect(asked()).toEqual(pages);
  expect(await client.records(zone, ids)).toHaveLength(7);
  expect(asked()).toEqual(pages);
});

test('what goes and comes between two pages leaves no gap', async () => {
  const all = rows(7);
  let moved = 0;
  const { client, zone, asked } = await answering(page => {
    // Before each of the first second pages one of the first page has gone, and another come at the end.
    if (page === '2' && moved < 2) {
      moved++;
      all.splice(0, 1);
      all.push({ id: `new${moved}`, name: `new${moved}.example.com`, type: 'A' });
    }
    const at = 3 * (Number(page) - 1);
    return [200, list(all.slice(at, at + 3), { total_count: 7, total_pages: 3 })];
  });
  expect((await client.records(zone)).map(({ id }) => id)).toEqual(all.map(({ id }) => id));
  expect(asked()).toBe(12);
});

const transient: [string, Effect][] = [
  ['a gateway failure', { kind: 'status', status: 502 }],
  ['a page of HTML', { kind: 'html' }],
  ['half an answer', { kind: 'truncate' }],
  ['a reset', { kind: 'reset-before' }],
  ['too many requests', { kind: 'rate-limit', retryAfter: 0 }],
];

test.each(transient)('%s on the second page does not shorten a list', async (_, effect) => {
  const { client, server, zone, told } = await open({ mostPerPage: 5 });
  server.faults.schedule({ effect, skip: 1 });
  expect(await client.records(zone)).toHaveLength(7);
  expect(told).toHaveLength(1);
});

test('a list that never becomes whole is an error', async () => {
  const { client, server, zone } = await open();
  server.faults.schedule({ effect: { kind: 'html' }, times: 99 });
  expect(await sentence(client.records(zone))).toBe(
    'UserError: Could not list the records of example.com at Cloudflare: no whole answer came (the answer is no list); run it again',
  );
});

test('a batch is applied', async () => {
  const { client, server, zone } = await open({ zones: [{ name: 'example.com', records: addresses(2) }] });
  const [first, second] = await client.records(zone);
  const changes = batch({
    deletes: [{ id: first?.id ?? '' }],
    patches: [{ id: second?.id ?? '', content: '203.0.113.8', comment: 'ours' }],
    posts: [post('new')],
  });
  expect(await client.batch(zone, changes)).toEqual({ kind: 'applied' });
  expect(server.zone('example.com').text).toBe(
    [
      '; example.com: 2 of 200 records, Free Website',
      'n1.example.com.   1  IN  A  203.0.113.8  ; ours',
      'new.example.com.  1  IN  A  203.0.113.9',
      '',
    ].join('\n'),
  );
});

test('a batch that Cloudflare refuses comes back with its reasons', async () => {
  const { client, zone } = await open();
  expect(await client.batch(zone, batch({ posts: [post('n1'), post('bad', 'no address')] }))).toEqual({
    kind: 'rejected',
    errors: [{ code: 1004, message: 'Content for A record must be a valid IPv4 address.' }],
  });
});

test.each([
  ['a reset after the effect', { kind: 'reset-after' }, true],
  ['half an answer', { kind: 'truncate' }, true],
  ['a reset before the effect', { kind: 'reset-before' }, false],
  ['a gateway failure', { kind: 'status', status: 504 }, false],
  ['a page of HTML', { kind: 'html' }, false],
] satisfies [string, Effect, boolean][])('%s of a batch is never sent again', async (_, effect, applied) => {
  const { client, server, zone } = await open();
  server.faults.schedule({ method: 'POST', effect });
  expect(await client.batch(zone, batch({ posts: [post('new')] }))).toMatchObject({ kind: 'lost' });
  expect(server.requests).toHaveLength(1);
  expect(server.zone('example.com').records).toHaveLength(applied ? 8 : 7);
});

test('a batch that came too soon is sent again when Cloudflare says so', async () => {
  const { client, server, zone, told } = await open();
  server.faults.schedule({ method: 'POST', effect: { kind: 'rate-limit', retryAfter: 0 }, times: 2 });
  expect(await client.batch(zone, batch({ posts: [post('new')] }))).toEqual({ kind: 'applied' });
  expect(server.requests.map(({ status }) => status)).toEqual([429, 429, 200]);
  expect(told[0]).toMatch(/^Cloudflare: sending changes again in 0 s \(too many requests/);
});

test.each([
  ['unknown', 'other-token', /the token is not accepted: Invalid access token \(9109\); give one/],
  ['malformed', 'not a token', /the token is not accepted: Invalid format for Authorization header \(6003\)/],
  ['read-only', 'reader', /the token is not accepted: Authentication error \(10000\); give one/],
])('a token that is %s is named as the reason, once', async (_, token, reason) => {
  const { client, server, zone } = await open({ tokens: [{ token: 'reader', may: 'read' }] }, token);
  expect(await sentence(client.batch(zone, batch({ posts: [post('new')] })))).toMatch(reason);
  expect(server.requests).toHaveLength(1);
  expect(server.requests[0]?.headers).not.toHaveProperty('x-auth-key');
});

test('a wrong zone id is named as the reason', async () => {
  const { client, zone } = await open();
  expect(await sentence(client.records({ ...zone, id: 'f'.repeat(32) }))).toMatch(
    /there is no zone with this id: .*\(7003\); take it from the zone's overview page, or leave it out$/,
  );
});

/** Answers everything alike, as neither Cloudflare nor the stand-in does. */
async function answering(
  answer: (page: string, zone: string) => [status: number, body: unknown, headers?: object],
) {
  let asked = 0;
  const server = createServer((request, response) => {
    asked++;
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
    const zone = decodeURIComponent(pathname.split('/')[2] ?? '');
    const [status, body, headers = {}] = answer(searchParams.get('page') ?? '', zone);
    const type = typeof body === 'string' ? 'text/html' : 'application/json';
    response.writeHead(status, { 'content-type': type, ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  opened.push({
    complaints: [],
    close: async () => {
      server.closeAllConnections();
      server.close();
    },
  });
  vi.stubEnv('CLOUDFLARE_BASE_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const told: string[] = [];
  const client = cloudflare('token', line => told.push(line));
  const zone = { id: 'z', name: 'example.com', plan: 'free' };
  return { client, zone, told, asked: () => asked };
}
const rows = (count: number, from = 0) =>
  Array.from({ length: count }, (_, at) => ({ id: `r${from + at}`, name: `n${at}.example.com`, type: 'A' }));
const list = (result: object[], info: object, more: object = {}) => ({
  ...{ success: true, errors: [], messages: [], result, result_info: info },
  ...more,
});

// Each is asked for again and again, so all wait together.
test('a list that contradicts itself is none', async () => {
  const lists: Record<string, (page: string) => unknown> = {
    'fewer than announced, on no page': () => list(rows(3), { total_count: 10, total_pages: 0 }),
    'another number on each page': page =>
      list(rows(5, 5 * Number(page)), { total_count: 5 * Number(page), total_pages: 2 }),
    'no ids': () => list([{ name: 'a.example.com' }], { total_count: 1, total_pages: 1 }),
    'a number that is none': () => list(rows(3), { total_count: '3', total_pages: 1 }),
    'no names': () => list([{ id: 'r1', type: 'A' }], { total_count: 1, total_pages: 1 }),
    'no result': () => list([], { total_count: 0 }, { result: null }),
    'no success': () => ({ result: [], result_info: { total_count: 0 } }),
    'a failure': () => list(rows(3), { total_count: 3, total_pages: 1 }, { success: false }),
  };
  const { client, zone } = await answering((page, id) => [200, lists[id]?.(page)]);
  const found = Object.keys(lists).map(async id => [id, await sentence(client.records({ ...zone, id }))]);
  expect(await Promise.all(found)).toEqual(
    Object.keys(lists).map(id => [id, expect.stringMatching(/^UserError: Could not list the records/)]),
  );
});

test('a page that announces fewer pages than the one before does not end the list', async () => {
  const { client, zone } = await answering(page => [
    200,
    list(rows(5, 5 * Number(page)), { total_count: 20, total_pages: page === '1' ? 4 : 1 }),
  ]);
  expect(await client.records(zone)).toHaveLength(20);
});

test.each([
  ['null', [null]],
  ['a text', 'nope'],
  ['nothing', null],
])('reasons that are %s do not make it stumble', async (_, errors) => {
  const { client, zone } = await answering(() => [400, { success: false, errors, result: null }]);
  expect(await sentence(client.batch(zone, batch({ posts: [post('a')] })))).toMatch(
    /^UserError: Could not change records of example.com at Cloudflare: it answered with status 400/,
  );
});

test('a page that refuses without a reason is not blamed on the token alone', async () => {
  const { client, zone } = await answering(() => [403, '<html>blocked</html>']);
  expect(await sentence(client.records(zone))).toMatch(/: it answered with status 403 and no reason, as a/);
});

test('to wait longer than Cloudflare ever asks for is to fail', async () => {
  const errors = [{ code: 971, message: 'Slow down' }];
  const { client, zone, asked } = await answering(() => [429, { errors }, { 'retry-after': '9999999' }]);
  expect(await sentence(client.batch(zone, batch({ posts: [post('a')] })))).toMatch(
    /: too many requests: Slow down \(971\); run it again in 9999999 s$/,
  );
  expect(asked()).toBe(1);
});

test.each<[string, unknown]>([
  ['that it failed', { success: false, errors: [{ code: 81057, message: 'x' }], result: null }],
  ['of nothing', { success: true, result: {} }],
  ['of fewer', { success: true, result: { posts: [] } }],
  ['of another name', { success: true, result: { posts: [{ name: 'a.example.com.dev.example.com' }] } }],
  ['nothing', null],
])('a batch whose answer tells %s is not known to be applied', async (_, answer) => {
  const { client, zone } = await answering(() => [200, answer]);
  expect(await client.batch(zone, batch({ posts: [post('a')] }))).toMatchObject({ kind: 'lost' });
});

test('whoever fails and says when to come again is not met before', async () => {
  const { client, zone, told } = await answering(() => [503, { errors: [] }, { 'retry-after': '1' }]);
  const from = performance.now();
  expect(await client.batch(zone, batch({ posts: [post('a')] }))).toMatchObject({ kind: 'lost' });
  expect(performance.now() - from).toBeGreaterThan(900);
  expect(told).toEqual([expect.stringMatching(/^Cloudflare: looking again in 1 s/)]);
});

test.each(['two\nlines', 'tok\u20acen', ''])('%j is no token, and nothing of it is shown', text => {
  expect(() => cloudflare(text)).toThrow(/^The Cloudflare API token holds a character that none has/);
});

test('an id of which it cannot be told whose it is is an error', async () => {
  const { client } = await answering((page, id) =>
    page ? [200, list([], { total_count: 0 })] : [403, { errors: [{ code: 9109, message: `no ${id}` }] }],
  );
  expect(await sentence(client.records(await client.zone('example.com', 'f'.repeat(32))))).toMatch(
    /it cannot be told whether the zone with the id f+ is example.com/,
  );
});

test.each([
  [['pending', 'active'], 'z1'],
  [['pending'], 'z0'],
  [['active', 'active'], /there are several zones example.com .*; give the id of the one/],
  [['pending', 'pending'], /there are several zones example.com/],
])('of zones of one name that are %j it is %s', async (states, expected) => {
  const result = states.map((status, at) => ({ id: `z${at}`, name: 'example.com', status }));
  const { client } = await answering(() => [200, list(result, { total_count: states.length })]);
  const found = await sentence(client.zone('example.com').then(({ id }) => Promise.reject(new Error(id))));
  if (typeof expected === 'string') expect(found).toBe(`Error: ${expected}`);
  else expect(found).toMatch(expected);
});

test.each([
  ['holds nothing', 'example.net', 'example.com', []],
  ['is one below', 'dev.example.com', 'example.com', [{ ...addresses(1)[0], name: 'dev.example.com' }]],
])('an id that was given and whose zone %s is asked for its name', async (_, real, name, records) => {
  const zones = [{ name: real, records: records as ReturnType<typeof addresses> }];
  const server = await standIn({ zones });
  opened.push(server);
  vi.stubEnv('CLOUDFLARE_BASE_URL', `${server.url}/client/v4`);
  const { id } = server.zone(real);
  const client = cloudflare('cloudflare-token');
  expect(await sentence(client.records(await client.zone(name, id)))).toMatch(
    new RegExp(`the zone with the id ${id} is ${real}, not ${name}; take the id`),
  );
  expect(await client.records(await client.zone(real, id))).toHaveLength(records.length);
});

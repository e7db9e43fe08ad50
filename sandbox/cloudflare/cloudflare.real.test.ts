import Cloudflare from 'cloudflare';
import { afterEach, expect, test } from 'vitest';
import { type CloudflareOptions, cloudflare } from './index.ts';

/** The stand-in under the client that Cloudflare itself publishes. */
async function open(options: Partial<CloudflareOptions> = {}, token = 'cloudflare-token') {
  const server = await cloudflare({ zones: [{ name: 'example.com' }], ...options });
  opened.push(server);
  const client = new Cloudflare({
    apiToken: token,
    baseURL: `${server.url}/client/v4`,
    maxRetries: 0,
    logLevel: 'off',
  });
  const zone_id = server.zone('example.com').id;
  return { server, client, zone_id, records: client.dns.records };
}
const opened: { close(): Promise<void>; complaints: string[] }[] = [];
let complaintsExpected = false;

afterEach(async () => {
  const complaints = opened.flatMap(server => server.complaints);
  await Promise.all(opened.splice(0).map(server => server.close()));
  expect(complaints.length > 0).toBe(complaintsExpected);
  complaintsExpected = false;
});

const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'accepted',
    (error: InstanceType<typeof Cloudflare.APIError>) => {
      const [first] = error.errors as { code: number; error_chain?: { code: number }[] }[];
      return [error.status, first?.code, ...(first?.error_chain ?? []).map(({ code }) => code)].join(' ');
    },
  );

const address = (name: string, content = '203.0.113.1') => ({
  type: 'A' as const,
  name,
  content,
  ttl: 1 as const,
});

test('a record lives through create, get, patch, put and delete', async () => {
  const { records, zone_id, server } = await open();
  const made = await records.create({ zone_id, ...address('WWW'), comment: 'ours', ttl: 300 });
  expect(made).toMatchObject({
    name: 'www.example.com',
    ttl: 300,
    proxied: false,
    comment: 'ours',
    tags: [],
  });
  expect(await records.get(made.id, { zone_id })).toEqual(made);

  const patched = await records.edit(made.id, { zone_id, proxied: true } as never);
  expect(patched).toMatchObject({
    id: made.id,
    content: '203.0.113.1',
    ttl: 1,
    proxied: true,
    comment: 'ours',
  });
  expect(patched.modified_on > made.modified_on).toBe(true);
  expect(patched.comment_modified_on).toBe(made.comment_modified_on);

  const reset = await records.update(made.id, { zone_id, ...address('www', '203.0.113.2') });
  expect(reset).toMatchObject({ id: made.id, content: '203.0.113.2', proxied: false, comment: null });
  expect(reset.created_on).toBe(made.created_on);

  expect(await records.delete(made.id, { zone_id })).toEqual({ id: made.id });
  expect(server.zone('example.com').records).toEqual([]);
});

test('names become Punycode, addresses their shortest spelling', async () => {
  const { records, zone_id } = await open();
  const names = ['bücher', '@', '*.Shop', 'a.example.com.'];
  for (const name of names) await records.create({ zone_id, ...address(name) });
  await records.create({ zone_id, type: 'AAAA', name: 'six', content: '2001:DB8:0:0::0001', ttl: 1 });
  const { result } = await records.list({ zone_id, order: 'name' });
  expect(result.map(({ name, content }) => `${name} ${content}`)).toEqual([
    '*.shop.example.com 203.0.113.1',
    'a.example.com 203.0.113.1',
    'example.com 203.0.113.1',
    'six.example.com 2001:db8::1',
    'xn--bcher-kva.example.com 203.0.113.1',
  ]);
});

const alias = (name: string) => ({ type: 'CNAME', name, content: 'other.example.net', ttl: 1 });
test.each([
  ['A beside CNAME', address('alias'), '400 81054'],
  ['CNAME beside A', alias('host'), '400 81053'],
  ['CNAME beside CNAME', { ...alias('alias'), content: 'third.example.net' }, '400 81053'],
  ['A below a delegation', address('child'), '400 81056'],
  ['NS beside A', { type: 'NS', name: 'host', content: 'ns.example.net', ttl: 1 }, '400 81055'],
  ['the same again', address('host'), '400 81058'],
  ['the same with another TTL', { ...address('host'), ttl: 300 }, '400 81058'],
  ['a second address', address('host', '203.0.113.2'), 'accepted'],
  ['TXT beside CNAME', { type: 'TXT', name: 'alias', content: '"x"', ttl: 1 }, 'accepted'],
  ['TTL too short', { ...address('new'), ttl: 59 }, '400 1004 9021'],
  ['TTL too long', { ...address('new'), ttl: 86_401 }, '400 1004 9021'],
  ['no IPv4', address('new', '2001:db8::1'), '400 1004 9005'],
  ['no IPv6', { type: 'AAAA', name: 'new', content: '203.0.113.1', ttl: 1 }, '400 1004 9006'],
  ['CNAME to an address', { ...alias('new'), content: '203.0.113.1' }, '400 1004 9007'],
  ['a proxied TXT', { type: 'TXT', name: 'new', content: '"x"', ttl: 1, proxied: true }, '400 1004 9004'],
  ['no type', { ...address('new'), type: 'SPAM' }, '400 1004 9002'],
  ['a label of 64', address('x'.repeat(64)), '400 1004 9000'],
  ['a comment of 100', { ...address('new'), comment: 'x'.repeat(100) }, 'accepted'],
  ['a comment of 101', { ...address('new'), comment: 'x'.repeat(101) }, '400 1004 9313'],
  ['a tag on the free plan', { ...address('new'), tags: ['a:b'] }, '400 1004 9300'],
])('%s', async (_, record, answer) => {
  const { records, zone_id } = await open({
    zones: [
      {
        name: 'example.com',
        records: [
          { type: 'A', name: 'host', content: '203.0.113.1' },
          { type: 'CNAME', name: 'alias', content: 'other.example.net' },
          { type: 'NS', name: 'child', content: 'ns.example.net' },
        ],
      },
    ],
  });
  expect(await refusal(records.create({ zone_id, ...record } as never))).toBe(answer);
});

test('a batch runs deletes, patches, puts, posts in this order, all or nothing', async () => {
  const { records, zone_id, server } = await open({
    zones: [
      {
        name: 'example.com',
        records: ['one', 'two', 'three'].map(name => ({
          type: 'A',
          name,
          content: '203.0.113.1',
          comment: name,
        })),
      },
    ],
  });
  const [one, two, three] = server.zone('example.com').records.map(({ id }) => id);
  const changes = {
    deletes: [{ id: one ?? '' }],
    patches: [{ id: two ?? '', content: '203.0.113.2' }],
    puts: [{ id: three ?? '', ...address('three', '203.0.113.3') }],
    posts: [{ type: 'CNAME' as const, name: 'one', content: 'two.example.com', ttl: 300 }],
  };
  const before = server.zone('example.com').text;
  const failing = { ...changes, posts: [...changes.posts, address('two', '203.0.113.2')] };
  expect(await refusal(records.batch({ zone_id, ...failing } as never))).toBe('400 81058');
  expect(server.zone('example.com').text).toBe(before);

  const done = await records.batch({ zone_id, ...changes } as never);
  expect(done.posts).toHaveLength(1);
  expect(server.zone('example.com').text).toBe(
    [
      '; example.com: 3 of 200 records, Free Website',
      'one.example.com.    300  IN  CNAME  two.example.com.',
      'three.example.com.  1    IN  A      203.0.113.3',
      'two.example.com.    1    IN  A      203.0.113.2       ; two',
      '',
    ].join('\n'),
  );
});

test('the plans have their limits', async () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => address(`n${index}`));
  const free = await open();
  expect(await refusal(free.records.batch({ zone_id: free.zone_id, posts: many(201) }))).toBe(
    '400 1004 9320',
  );
  expect(await refusal(free.records.batch({ zone_id: free.zone_id, posts: many(200) }))).toBe('accepted');
  expect(await refusal(free.records.create({ zone_id: free.zone_id, ...address('more') }))).toBe('400 81045');

  const paid = await open({ zones: [{ name: 'example.com', plan: 'pro' }] });
  expect(await refusal(paid.records.batch({ zone_id: paid.zone_id, posts: many(3500) }))).toBe('accepted');
  expect(await refusal(paid.records.create({ zone_id: paid.zone_id, ...address('more') }))).toBe('400 81045');
  expect(await paid.client.dns.usage.zone.get({ zone_id: paid.zone_id })).toEqual({
    record_quota: 3500,
    record_usage: 3500,
  });
});

test('a list has pages, filters and an order', async () => {
  const { records, zone_id } = await open({
    mostPerPage: 3,
    zones: [
      {
        name: 'example.com',
        records: [5, 3, 1, 4, 2].map(number => ({
          type: 'A',
          name: `n${number}`,
          content: `203.0.113.${number}`,
          ...(number % 2 === 0 && { comment: 'Even' }),
        })),
      },
    ],
  });
  const list = async (query: object) => {
    const { result, result_info } = await records.list({ zone_id, ...query });
    return [result.map(({ name }) => name.slice(0, 2)).join(' '), result_info];
  };
  const first = await list({ order: 'name', per_page: 5000 });
  expect(first).toEqual(['n1 n2 n3', { page: 1, per_page: 3, count: 3, total_count: 5, total_pages: 2 }]);
  expect((await list({ order: 'name', page: 2 }))[0]).toBe('n4 n5');
  expect((await list({ order: 'content', direction: 'desc' }))[0]).toBe('n5 n4 n3');
  expect((await list({ comment: { exact: 'even' } }))[0]).toBe('n4 n2');
  expect((await list({ comment: { absent: 'true' }, content: { endswith: '.1' } }))[0]).toBe('n1');
  expect(
    (await list({ match: 'any', name: { exact: 'n1.example.com' }, content: { contains: '.2' } }))[0],
  ).toBe('n1 n2');
  expect((await list({ type: 'AAAA' }))[0]).toBe('');
});

test.each([
  ['a token nobody knows', {}, 'other', '403 9109', '403 9109'],
  ['a token that may read', { may: 'read' as const }, 'mine', 'accepted', '403 10000'],
  ["another zone's token", { zone: 'example.net' }, 'mine', '403 10000', '403 10000'],
])('%s', async (_, rights, token, reading, writing) => {
  const { records, zone_id } = await open({ tokens: [{ token: 'mine', ...rights }] }, token);
  expect(await refusal(records.list({ zone_id }))).toBe(reading);
  expect(await refusal(records.create({ zone_id, ...address('new') }))).toBe(writing);
});

test('a token of one zone finds it by name only', async () => {
  const { client } = await open({ tokens: [{ token: 'mine', zone: 'example.com' }] }, 'mine');
  expect(await refusal(client.zones.list())).toBe('403 9109');
  const { result } = await client.zones.list({ name: 'example.com' });
  expect(result).toMatchObject([{ name: 'example.com', plan: { legacy_id: 'free' } }]);
});

test('the request after the last is told when to come back', async () => {
  const { records, zone_id, server } = await open({ requests: 1 });
  const { response } = await records.list({ zone_id }).withResponse();
  expect(response.headers.get('ratelimit')).toMatch(/^"default";r=0;t=\d+$/);
  expect(await refusal(records.list({ zone_id }))).toBe('429 971');
  expect(server.requests.map(({ status }) => status)).toEqual([200, 429]);
});

test('what no real client sends is refused and remembered', async () => {
  complaintsExpected = true;
  const { server, records, zone_id } = await open();
  const unknownKey = { zone_id, ...address('new'), proxy: true };
  expect(await refusal(records.create(unknownKey as never))).toBe('400 9207');
  expect(await refusal(records.list({ zone_id, colour: 'red' } as never))).toBe('400 9207');
  const headers = { authorization: 'Bearer cloudflare-token' };
  expect((await fetch(`${server.url}/client/v4/nowhere`, { headers })).status).toBe(501);
  expect(server.complaints).toHaveLength(3);
});

test('a token that is over is told so when it is verified, and let in nowhere else; a zone says what a token may', async () => {
  const tokens = [
    { token: 'over', status: 'expired' as const },
    { token: 'reads', may: 'read' as const },
    { token: 'edits' },
  ];
  const zones = [{ name: 'example.com' }, { name: 'example.org', status: 'pending' as const }];
  const over = await open({ tokens, zones }, 'over');
  expect(await over.client.user.tokens.verify()).toMatchObject({ status: 'expired' });
  expect(await refusal(over.client.zones.list())).toBe('403 9109');
  const permissions = async (token: string) => {
    const { result } = await (await open({ tokens, zones }, token)).client.zones.list();
    expect(result.map(({ status }) => status)).toEqual(['active', 'pending']);
    return result[0]?.permissions;
  };
  expect(await permissions('reads')).not.toContain('#dns_records:edit');
  expect(await permissions('edits')).toContain('#dns_records:edit');
});

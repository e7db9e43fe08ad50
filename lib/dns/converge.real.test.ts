import { afterEach, expect, test, vi } from 'vitest';
import { type CloudflareOptions, cloudflare as standIn } from '../../sandbox/cloudflare/index.ts';
import type { Effect } from '../../sandbox/faults.ts';
import { type Cloudflare, cloudflare } from '../cloudflare/cloudflare.ts';
import type { Runner } from '../runner/runner.ts';
import type { Claim } from './claims.ts';
import { type ConvergeRequest, converge, throwProblems } from './converge.ts';
import { clusterHash, format } from './marker.ts';
import { removeOwned } from './remove.ts';
import { parseTargets } from './target.ts';

const identity = { owner: 'shop', cluster: clusterHash('cluster-1') };
const address = '203.0.113.10';
const mark = (source: string, who = identity) => format({ ...who, source });
const record = (name: string, content: string, comment?: string) => ({
  ...{ type: 'A', name: `${name}.example.com`, content },
  ...(comment && { comment }),
});
const claim = (name: string, target = address): Claim => ({
  ...{ name: `${name}.example.com`, source: `IngressRoute shop/${name}`, targets: parseTargets(target) },
});
const ours = (name: string, content = address) => record(name, content, mark(`IngressRoute shop/${name}`));
const theirs = [
  record('legacy', '198.51.100.7', 'by hand'),
  record('mail', '198.51.100.8'),
  record('twin', address, mark('IngressRoute shop/twin', { ...identity, cluster: clusterHash('cluster-2') })),
  { type: 'TXT', name: 'example.com', content: '"v=spf1 -all"' },
];

const opened: { close(): Promise<void>; complaints: string[] }[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  const complaints = opened.flatMap(server => server.complaints);
  await Promise.all(opened.splice(0).map(server => server.close()));
  expect(complaints).toEqual([]);
});

async function open(records: ReturnType<typeof record>[], options: Partial<CloudflareOptions> = {}) {
  const zones = [{ name: 'example.com', records: [...theirs, ...records] }];
  const server = await standIn({ zones, ...options });
  opened.push(server);
  vi.stubEnv('CLOUDFLARE_BASE_URL', `${server.url}/client/v4`);
  const client = cloudflare('cloudflare-token');
  const zone = await client.zone('example.com');
  const log: string[] = [];
  const say = (line: string) => void log.push(line);
  const runner = { info: say, warning: say, summary: async () => {} } as Partial<Runner> as Runner;
  const foreign = () =>
    server.zone('example.com').records.filter(({ comment }) => !comment?.includes(`@${identity.cluster} `));
  const before = JSON.stringify(foreign());
  const run = async (claims: Claim[], goal: Partial<ConvergeRequest> = {}, by: Cloudflare = client) => {
    const wishes = { claims, unreadable: [], notes: [] };
    const whole = { label: 'staging', identity, wishes, allowDeletes: false, dryRun: false, ...goal };
    const from = server.requests.length;
    const outcome = await converge(runner, by, [zone], whole)
      .then(converged => {
        throwProblems(converged);
        return converged.changed;
      })
      .catch((error: Error) => `${error.name}: ${error.message}`);
    const requests = server.requests
      .slice(from)
      .map(({ method, status }) => `${method} ${status ?? 'reset'}`);
    expect(JSON.stringify(foreign())).toBe(before);
    return { outcome, requests, last: log.at(-1) };
  };
  const owned = () =>
    server
      .zone('example.com')
      .records.filter(({ comment }) => comment?.includes(`@${identity.cluster} `))
      .map(({ name, type, content }) => `${name.split('.')[0]} ${type} ${content}`)
      .sort();
  return { server, client, zone, runner, run, owned };
}

test('records follow the hosts in one list and one batch, and then stay', async () => {
  const { run, owned } = await open([ours('stays'), ours('moves', '203.0.113.9'), ours('goes')]);
  const claims = [
    claim('stays'),
    claim('moves'),
    claim('comes', '203.0.113.10 2001:db8::1'),
    claim('turns', 'lb.example.net'),
  ];
  expect(await run(claims, { dryRun: true })).toEqual({
    outcome: 0,
    requests: ['GET 200'],
    last: 'staging: 3 to create, 1 to change, 1 to delete, 1 as wished in example.com (a dry run)',
  });
  expect(await run(claims)).toEqual({
    outcome: 5,
    requests: ['GET 200', 'POST 200'],
    last: 'staging: 3 records created, 1 changed, 1 deleted in example.com',
  });
  expect(owned()).toEqual([
    ...['comes A 203.0.113.10', 'comes AAAA 2001:db8::1', 'moves A 203.0.113.10'],
    ...['stays A 203.0.113.10', 'turns CNAME lb.example.net'],
  ]);
  expect(await run(claims)).toEqual({
    outcome: 0,
    requests: ['GET 200'],
    last: 'staging: nothing to change, 5 as wished in example.com',
  });
  expect((await run([claim('stays', 'lb.example.net')], { allowDeletes: true })).outcome).toBe(6);
  expect(owned()).toEqual(['stays CNAME lb.example.net']);
});

test('a conflict and a record that Cloudflare refuses stop nobody else', async () => {
  const { run, owned } = await open([]);
  const tooLong = `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(62)}`;
  const { outcome, requests } = await run([claim('legacy'), claim('good'), claim(`${tooLong}x.y`)]);
  expect(outcome).toMatch(
    /^UserErrors: legacy.example.com: there is A 198.51.100.7, which is not ours: delete it/,
  );
  expect(outcome).toMatch(
    /\n.*dx\.y\.example\.com: Cloudflare refuses its records: DNS name is invalid \(1004\)$/,
  );
  expect(requests).toEqual(['GET 200', 'POST 400', 'POST 200', 'POST 400']);
  expect(owned()).toEqual(['good A 203.0.113.10']);
});

test('a run that would let go of everything is refused', async () => {
  const { run, owned } = await open([ours('a'), ours('b')]);
  expect(await run([])).toMatchObject({
    outcome: expect.stringMatching(
      /^UserError: The cluster has no host at all, and all 2 names of ours in \S+ would go: see that/,
    ),
    requests: ['GET 200'],
  });
  expect(owned()).toHaveLength(2);
});

test.each<[string, Effect, string[]]>([
  ['a reset after its effect', { kind: 'reset-after' }, ['POST reset', 'GET 200']],
  ['half an answer', { kind: 'truncate' }, ['POST reset', 'GET 200']],
  ['a reset before its effect', { kind: 'reset-before' }, ['POST reset', 'GET 200', 'POST 200']],
  ['a gateway failure', { kind: 'status', status: 502 }, ['POST 502', 'GET 200', 'POST 200']],
  ['a page of HTML', { kind: 'html' }, ['POST 200', 'GET 200', 'POST 200']],
])('after %s of a batch the zone is listed again, and nothing is doubled', async (_, effect, requests) => {
  const { server, run, owned } = await open([ours('goes')]);
  server.faults.schedule({ method: 'POST', effect });
  const found = await run([claim('a'), claim('b')]);
  expect(found).toEqual({
    outcome: 3,
    requests: ['GET 200', ...requests],
    last: 'staging: 2 records created, 1 deleted in example.com',
  });
  expect(owned()).toEqual(['a A 203.0.113.10', 'b A 203.0.113.10']);
});

test('an answer that is lost again and again is an error, and the next run mends it', async () => {
  const { server, run, owned } = await open([]);
  server.faults.schedule({ method: 'POST', effect: { kind: 'reset-before' }, times: 3 });
  expect((await run([claim('a')])).outcome).toMatch(
    /^UserError: It is not known whether the last changes to example.com were made: no whole answer came/,
  );
  expect((await run([claim('a')])).outcome).toBe(1);
  expect(owned()).toEqual(['a A 203.0.113.10']);
});

test('a record that somebody else has deleted meanwhile is seen by looking again', async () => {
  const { client, zone, run, owned } = await open([ours('goes')]);
  let raced = false;
  const racing: Cloudflare = {
    ...client,
    async batch(where, changes) {
      if (!raced) {
        raced = true;
        const gone = (await client.records(zone)).find(({ name }) => name === 'goes.example.com');
        await client.batch(zone, { deletes: [{ id: gone?.id ?? '' }], patches: [], posts: [] });
      }
      return client.batch(where, changes);
    },
  };
  expect((await run([claim('a'), claim('b')], {}, racing)).outcome).toBe(2); // the deletion was theirs
  expect(owned()).toEqual(['a A 203.0.113.10', 'b A 203.0.113.10']);
});

test.each<[string, Effect]>([
  ['failures of a gateway', { kind: 'status', status: 503 }],
  ['pages of HTML', { kind: 'html' }],
  [
    '401',
    { kind: 'status', status: 401, body: { errors: [{ code: 10000, message: 'Authentication error' }] } },
  ],
])('while the second page of a list answers with %s nothing is written', async (_, effect) => {
  const { server, run, owned } = await open([ours('a'), ours('b')], { mostPerPage: 4 });
  server.faults.schedule({ path: 'page=2', effect, times: 99 });
  const { outcome, requests } = await run([claim('a')], { allowDeletes: true });
  expect(outcome).toMatch(/^UserError: Could not list the records of example.com at Cloudflare: /);
  expect(requests.every(request => request.startsWith('GET'))).toBe(true);
  expect(owned()).toHaveLength(2);
});

test('an id of another zone is noticed before anything is written', async () => {
  const { server, client, run, owned } = await open([], {
    zones: [
      { name: 'example.com', records: theirs },
      {
        name: 'example.net',
        records: [record('x', '198.51.100.1')].map(r => ({ ...r, name: 'x.example.net' })),
      },
    ],
  });
  const wrong = {
    ...client,
    records: () => client.records({ id: server.zone('example.net').id, name: 'example.com' }),
  };
  expect((await run([claim('a')], {}, wrong)).outcome).toMatch(
    /holds x.example.net, so it is not example.com/,
  );
  expect(owned()).toEqual([]);
});

test('a teardown deletes the records of its cluster, without the cluster, and no other', async () => {
  const { server, runner, owned } = await open([ours('a'), ours('b')]);
  const request = {
    environment: 'staging',
    dns: { zone: 'example.com', owner: 'shop' },
    cloudflareApiToken: 'cloudflare-token',
    clusterId: 'cluster-1',
    dryRun: false,
  };
  const rest = server.zone('example.com').records.filter(({ name }) => !/^[ab]\./.test(name));
  expect((await removeOwned(runner, { ...request, dryRun: true })).changed).toBe(0);
  expect((await removeOwned(runner, { ...request, clusterId: 'cluster-3' })).changed).toBe(0);
  expect(owned()).toHaveLength(2);
  expect((await removeOwned(runner, request)).changed).toBe(2);
  expect((await removeOwned(runner, request)).changed).toBe(0);
  expect(server.zone('example.com').records).toEqual(rest);
});

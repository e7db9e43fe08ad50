import { getOctokit } from '@actions/github';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ClusterWorld, clusterWorld } from '../../sandbox/cluster-world.ts';

/* The nights of a cluster and its names: what bootstrap and dns find, each in its part of one issue, and change nothing else. */

const host = 'shop.staging.example.com';
let world: ClusterWorld;
beforeAll(async () => {
  world = await clusterWorld();
  const deployed = [await world.step('bootstrap'), await world.step('dns', { target: '203.0.113.10' })];
  for (const { code, log } of deployed) expect(code, log).toBe(0);
});
afterAll(() => world?.close());

let night = 0;
async function look(
  action: 'bootstrap' | 'dns',
  inputs: Record<string, string> = {},
  more: Parameters<ClusterWorld['step']>[2] = {},
) {
  const { github } = world.sandbox;
  const token = github.token('github-actions[bot]', { contents: 'read', issues: 'write' });
  const target: Record<string, string> = action === 'dns' ? { target: '203.0.113.10' } : {};
  const at = { repository: world.shop.platform, event: 'schedule', runId: String(night) };
  return world.step(
    action,
    { drift: 'true', 'github-token': token, ...target, ...inputs },
    { github: at, ...more },
  );
}

async function issues() {
  const { github } = world.sandbox;
  const [owner = '', repo = ''] = world.shop.platform.split('/');
  const { rest } = getOctokit(github.token('octocat'), { baseUrl: github.url });
  const { data } = await rest.issues.listForRepo({ owner, repo, state: 'all' });
  return data.map(({ title, state, body }) => ({ title, state, body: body ?? '' }));
}

const secret = '/api/v1/namespaces/shop/secrets/database';
const port = async () =>
  ((await world.cluster.api('GET', secret)).body as { data: { port: string } }).data.port;
const changePort = (value: string) =>
  world.cluster.api('PATCH', secret, { data: { port: Buffer.from(value).toString('base64') } });
const record = () => {
  const found = world.sandbox.cloudflare.zone('example.com').records.find(({ name }) => name === host);
  if (!found) throw new Error(`There is no record ${host}`);
  return found;
};
const writes = (from: number) =>
  world.sandbox.cloudflare.requests.slice(from).filter(({ method }) => method !== 'GET');

test('what was changed by hand is told and left as it is, what could not be looked at closes nothing, and in the end it is closed', async () => {
  night = 1;
  for (const action of ['bootstrap', 'dns'] as const) {
    const { code, log } = await look(action);
    expect(code, log).toBe(0);
    expect(log).toContain(`${action === 'dns' ? 'DNS' : 'Cluster'}: staging has not drifted\n`);
  }
  expect(await issues()).toEqual([]);

  night = 2;
  const [good, from] = [await port(), world.sandbox.cloudflare.requests.length];
  await changePort('1');
  record().content = '198.51.100.9';
  const cluster = await look('bootstrap');
  expect(cluster.code, cluster.log).toBe(0);
  expect(cluster.log).toMatch(/Cluster: staging has drifted; issue #1 \(https:\S+\) is opened\n/);
  const dns = await look('dns');
  expect(dns.code, dns.log).toBe(0);
  expect(dns.log).toMatch(/DNS: staging has drifted; issue #1 \(https:\S+\) is brought up to date\n/);
  const [issue, ...others] = await issues();
  expect(others).toEqual([]);
  expect(issue).toMatchObject({ title: 'Drift: staging', state: 'open' });
  expect(issue?.body).toContain('**Drifted: Cluster, DNS.**');
  expect(issue?.body).toMatch(
    /## Cluster[\s\S]*~ Secret shop\/database\n +data\.port: another value \(hidden\)/,
  );
  expect(issue?.body).toMatch(/## DNS[\s\S]*198\.51\.100\.9 → 203\.0\.113\.10/);
  for (const each of [...cluster.masks, ...dns.masks]) expect(issue?.body).not.toContain(each);
  expect(await port()).not.toBe(good);
  expect(record().content).toBe('198.51.100.9');
  expect(writes(from)).toEqual([]);

  night = 3; // both are put back, and at both nobody can look
  await changePort(Buffer.from(good, 'base64').toString());
  record().content = '203.0.113.10';
  const keyless = await look('bootstrap', {}, { env: { EXOSCALE_API_SECRET: '' } });
  expect(keyless.annotations).toEqual([
    {
      level: 'error',
      message: expect.stringMatching(/needs EXOSCALE_API_SECRET in the environment .*staging-drift/),
    },
  ]);
  world.sandbox.cloudflare.faults.schedule({
    ...{ method: 'GET', path: '/dns_records', times: 20 },
    effect: {
      kind: 'status',
      status: 403,
      body: { success: false, errors: [{ code: 10000, message: 'no' }] },
    },
  });
  const blind = await look('dns');
  world.sandbox.cloudflare.faults.clear();
  expect([keyless.code, blind.code]).toEqual([1, 1]);
  expect(await issues()).toEqual([issue]);

  night = 4; // one of them is seen, and the other is killed when it knows what it would tell
  expect((await look('bootstrap')).log).toContain('is brought up to date');
  const killed = await look(
    'dns',
    {},
    {
      started: main =>
        main.stdout?.on('data', data => /DNS of example\.com/.test(String(data)) && main.kill('SIGKILL')),
    },
  );
  expect(killed.code).not.toBe(0);
  expect(await issues()).toMatchObject([
    { state: 'open', body: expect.stringContaining('**Drifted: DNS.**') },
  ]);

  const rerun = await look('dns');
  expect(rerun.log).toContain('is closed, for nothing has drifted any more');
  expect(await issues()).toMatchObject([{ state: 'closed' }]);

  night = 5; // the user is gone at Exoscale, not in the cluster; somebody has taken a name
  const databases = world.sandbox.exoscale.account.zones['ch-gva-2']?.databases ?? [];
  for (const each of databases) each.users = each.users.filter(({ username }) => username !== 'shop');
  Object.assign(record(), { content: '198.51.100.9', comment: 'mine' });
  expect((await look('bootstrap')).log).toContain('is opened again');
  const taken = await look('dns');
  expect(taken.code, taken.log).toBe(0);
  const [again] = await issues();
  expect(again?.state).toBe('open');
  expect(again?.body).toMatch(
    /## Cluster[\s\S]*\+ user and database shop in the database service shop-staging/,
  );
  expect(again?.body).toMatch(/## DNS[\s\S]*! shop\.staging\.example\.com +conflict: /);
  expect(await issues()).toHaveLength(1);
  expect(world.sandbox.github.complaints).toEqual([]);
});

test('what is wrong with the inputs is told in one sentence each, before anything is looked at', async () => {
  const from = world.sandbox.cloudflare.requests.length;
  const told = async (action: 'bootstrap' | 'dns', inputs: Record<string, string>, env = {}) =>
    (await look(action, inputs, { env })).annotations.map(({ message }) => message);
  expect(await told('bootstrap', { 'github-token': '' }, { GITHUB_TOKEN: '' })).toEqual([
    expect.stringContaining('the input github-token is missing'),
  ]);
  expect(await told('dns', {}, { CLOUDFLARE_API_TOKEN: '', EXOSCALE_API_KEY: '' })).toEqual([
    expect.stringMatching(
      /^A look for drift in staging needs EXOSCALE_API_KEY, CLOUDFLARE_API_TOKEN in the environment /,
    ),
  ]);
  expect(await told('dns', { environment: '' })).toEqual([
    'Input "environment" is missing: drift is told in one issue an environment',
  ]);
  expect(await told('dns', { manifests: 'manifests' })).toEqual([
    'Input "drift" looks at the cluster and at its records: leave out "manifests"',
  ]);
  expect(world.sandbox.cloudflare.requests.length).toBe(from);
});

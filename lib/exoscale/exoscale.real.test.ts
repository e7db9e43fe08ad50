import { readFile, stat, writeFile } from 'node:fs/promises';
import { setGlobalProxyFromEnv } from 'node:http';
import { join } from 'node:path';
import { setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Egress, openEgress } from '../../sandbox/egress.ts';
import { type ExoscaleStandIn, exoscaleStandIn } from '../../sandbox/exoscale/index.ts';
import { caller, maker, remembered } from '../../sandbox/exoscale/testing.ts';
import type { Effect } from '../../sandbox/faults.ts';
import { openRun } from '../../sandbox/run.ts';
import type { Runner } from '../runner/runner.ts';
import { exoscale } from './exoscale.ts';
import { withKubeconfig, writeKubeconfig } from './kubeconfig.ts';
import { realMachine } from './request.ts';

const credentials = { key: 'EXOtest', secret: 'a secret', zone: 'ch-gva-2' };
const hasty = { ...realMachine, sleep: async () => {} };
const client = exoscale(credentials, hasty);
const name = 'shop-staging';

const run = openRun();
let standIn: ExoscaleStandIn;
let egress: Egress;
let call: ReturnType<typeof caller>;
let made: ReturnType<typeof maker>;
beforeAll(async () => {
  standIn = await exoscaleStandIn({ ...credentials, ...remembered() });
  call = caller(standIn.url, credentials);
  made = maker(call);
  egress = await openEgress(run, [{ host: '*.exoscale.com', target: standIn.url }]);
  // What NODE_USE_ENV_PROXY and NODE_EXTRA_CA_CERTS do to a process when it starts.
  setGlobalProxyFromEnv(egress.environment);
  setDefaultCACertificates([await readFile(egress.environment.NODE_EXTRA_CA_CERTS as string, 'utf8')]);
  await made('/sks-cluster', { name, level: 'pro', version: '1.33.6' });
  await made('/load-balancer', { name });
  await made(`/dbaas-postgres/${name}`, { plan: 'startup-4' });
});
beforeEach(() => standIn.faults.clear());
afterAll(async () => {
  await egress?.close();
  await standIn?.close();
  await run.close();
  expect(standIn.complaints).toEqual([]);
  expect(egress.refused).toEqual([]);
});

const here = () => standIn.account.zones['ch-gva-2'] ?? expect.unreachable();
const runner = (folder: string, masked: string[] = []) =>
  ({ folder: async () => folder, mask: secret => masked.push(secret) }) as Partial<Runner> as Runner;

const effects: Effect[] = [
  { kind: 'status', status: 502 },
  { kind: 'rate-limit', retryAfter: 3 },
  { kind: 'html' },
  { kind: 'reset-before' },
  { kind: 'reset-after' },
  { kind: 'truncate' },
];

test.each(effects)(
  'every first request meets $kind, and all is found and issued all the same',
  async effect => {
    for (const path of ['/sks-cluster$', '/load-balancer', '/sks-cluster-kubeconfig'])
      standIn.faults.schedule({ effect, path });
    const cluster = await client.findCluster(name);
    expect(cluster).toMatchObject({ name, state: 'running', endpoint: 'https://127.0.0.1:6443' });
    expect(await client.findLoadBalancer(name)).toMatchObject({ ip: here().loadBalancers.at(-1)?.ip });
    const subject = { user: 'slipway', groups: ['system:masters'], ttlSeconds: 600 };
    expect(await client.kubeconfig(cluster?.id ?? '', subject)).toContain(
      '# slipway in system:masters for 600 s',
    );
  },
);

test.each(effects)(
  'a user and a database are made once, though every first write meets $kind',
  async effect => {
    const user = `user-${effects.indexOf(effect)}`;
    for (const path of ['/user$', '/database$']) standIn.faults.schedule({ effect, method: 'POST', path });
    const wanted = { user, database: user };
    const connection = await client.ensureDatabase(name, wanted);
    const password = `${user}/of:${name}`;
    expect(connection).toMatchObject({
      ...wanted,
      password,
      host: '127.0.0.1',
      port: 5432,
      sslmode: 'require',
    });
    expect(connection.certificate).toMatch(/^-----BEGIN CERTIFICATE-----/);
    expect(connection.uri).toBe(
      `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:5432/${user}?sslmode=require`,
    );

    const before = standIn.requests.length;
    expect(await client.ensureDatabase(name, wanted)).toEqual(connection);
    expect(standIn.requests.slice(before).filter(({ method }) => method !== 'GET')).toEqual([]);
    const [service] = here().databases;
    expect(service?.users.filter(({ username }) => username === user)).toHaveLength(1);
    expect(service?.databases.filter(database => database === user)).toHaveLength(1);
  },
);

test('what is not there is said to be so', async () => {
  expect(await client.findCluster('nowhere')).toBeUndefined();
  expect(await client.findDatabase('nowhere')).toBeUndefined();
  await expect(client.ensureDatabase('nowhere', { user: 'a', database: 'b' })).rejects.toThrow(
    'There is no database service nowhere',
  );
  await expect(
    withKubeconfig(runner(run.folder), { exoscale: client, clusterName: 'nowhere' }, async () => {}),
  ).rejects.toThrow('There is no SKS cluster nowhere in ch-gva-2');
});

test('a wrong secret is told in one sentence', async () => {
  const stranger = exoscale({ ...credentials, secret: 'not it' }, hasty);
  await expect(stranger.findCluster(name)).rejects.toThrow(/^Exoscale refuses the key [^\n]*belong together/);
  expect(standIn.complaints.splice(0)).toEqual([expect.stringContaining('wrong signature')]);
});

test('leftovers are ours only, with what a cluster brought about, and are known again by id without it', async () => {
  const [type] = (await call('GET', '/instance-type')).body['instance-types'];
  await made('/security-group', { name: `${name}-nodes` });
  await made('/anti-affinity-group', { name: `${name}-nodes` });
  const cluster = here().clusters.at(-1);
  await made(`/sks-cluster/${cluster?.id}/nodepool`, {
    name: 'main',
    size: 1,
    'disk-size': 50,
    'instance-type': { id: type.id },
  });
  const [instance] = here().instances;
  const [others] = here().volumes;
  const volume = { ...others, id: 'a volume', name: 'pvc-1', instance: { id: instance?.id } };
  here().volumes.push(volume as NonNullable<typeof others>);

  const found = await client.leftovers({ name });
  expect(found.map(({ kind, name, billable }) => `${kind} ${name}${billable ? ' €' : ''}`)).toEqual([
    `SKS cluster ${name} €`,
    `instance ${instance?.name} €`,
    `load balancer ${name} €`,
    'volume pvc-1 €',
    `database ${name} €`,
    `security group ${name}-nodes`,
    `anti-affinity group ${name}-nodes`,
  ]);

  here().clusters.length = 0;
  here().instances.length = 0;
  expect((await client.leftovers({ name })).map(({ kind }) => kind)).not.toContain('volume');
  const ids = found.map(({ id }) => id);
  expect((await client.leftovers({ name, ids })).map(({ kind }) => kind)).toContain('volume');
});

test('two of one name are both named', async () => {
  const ids = [
    await made('/load-balancer', { name: 'twice' }),
    await made('/load-balancer', { name: 'twice' }),
  ];
  await expect(client.findLoadBalancer('twice')).rejects.toThrow(
    `2 load balancers named twice in ch-gva-2 (${ids.join(', ')})`,
  );
});

test('a kubeconfig is readable by its owner only, masked, and gone when the work is done or has failed', async () => {
  await made('/sks-cluster', { name: 'short', level: 'starter', version: '1.33.6' });
  const masked: string[] = [];
  const access = { exoscale: client, clusterName: 'short' };
  let path = '';
  const mode = async (file: string) => ((await stat(file)).mode & 0o777).toString(8);
  const work = async (file: string) => {
    path = file;
    expect(await readFile(file, 'utf8')).toContain('for 600 s');
    expect(await mode(file)).toBe('600');
    throw new Error('the work failed');
  };
  await expect(withKubeconfig(runner(run.folder, masked), access, work)).rejects.toThrow('the work failed');
  await expect(stat(path)).rejects.toThrow('ENOENT');
  expect(masked).toEqual(['c2VjcmV0']);
  const given = { ...access, given: '/a/kubeconfig' };
  expect(await withKubeconfig(runner(run.folder), given, async file => file)).toBe('/a/kubeconfig');

  const lax = join(run.folder, 'lax');
  await writeFile(lax, 'old', { mode: 0o644 });
  await writeKubeconfig(lax, 'new');
  expect([await mode(lax), await readFile(lax, 'utf8')]).toEqual(['600', 'new']);
});

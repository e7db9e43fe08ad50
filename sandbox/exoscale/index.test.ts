import { afterEach, expect, test } from 'vitest';
import { newRole } from './iam.ts';
import { type ExoscaleStandIn, exoscaleStandIn, type Options } from './index.ts';
import { caller, maker, remembered, settled } from './testing.ts';

const credentials = { key: 'EXOtest', secret: 'a secret' };
const opened: ExoscaleStandIn[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map(standIn => standIn.close()));
});

async function open(options: Partial<Options> = {}) {
  const standIn = await exoscaleStandIn({ ...credentials, ...remembered(), ...options });
  opened.push(standIn);
  const call = caller(standIn.url, credentials);
  return { ...standIn, call, made: maker(call), settled: (id: string) => settled(call, id) };
}

const cluster = { name: 'shop-staging', level: 'starter', version: '1.33.6' };
type Opened = Awaited<ReturnType<typeof open>>;
async function withNodepool({ call, made }: Opened) {
  const { body } = await call('GET', '/instance-type');
  const group = await made('/security-group', { name: 'nodes' });
  const id = await made('/sks-cluster', cluster);
  const pool = await made(`/sks-cluster/${id}/nodepool`, {
    name: 'main',
    size: 2,
    'disk-size': 50,
    'instance-type': { id: body['instance-types'][0].id },
    'security-groups': [{ id: group }],
  });
  return { id, pool, group };
}

test.each<[string, unknown, string]>([
  ['/security-group', { name: 'x', colour: 'red' }, '(colour)'],
  ['/security-group', { name: 7 }, 'body/name must be string'],
  ['/security-group', {}, "must have required property 'name'"],
  ['/sks-cluster', { ...cluster, cni: 'flannel' }, 'body/cni'],
  ['/dbaas-postgres/shop', { plan: 'hobbyist-2', 'ip-filter': ['anywhere'] }, 'body/ip-filter/0'],
])('POST %s with %j is refused, with a complaint', async (path, body, why) => {
  const { call, complaints } = await open();
  const answer = await call('POST', path, body);
  expect(answer).toMatchObject({ status: 400, body: { message: expect.stringContaining(why) } });
  expect(complaints).toEqual([expect.stringContaining(why)]);
});

test('an unsigned request, an unknown path and an unknown zone are refused, with complaints', async () => {
  const { call, complaints } = await open();
  expect((await call('GET', '/zone', undefined, { sign: false })).status).toBe(403);
  expect((await call('GET', '/elastic-ip')).status).toBe(501);
  expect((await call('GET', '/zone', undefined, { zone: 'us-east-1' })).status).toBe(404);
  expect(complaints).toHaveLength(3);
});

test('a cluster is pending until what it is made of stands, and cannot be used before', async () => {
  const gate = Promise.withResolvers<{ endpoint: string; ca: string }>();
  const parts = remembered();
  const { call, settled } = await open({
    ...parts,
    cluster: { ...parts.cluster, create: () => gate.promise },
  });
  const { body: operation } = await call('POST', '/sks-cluster', cluster);
  const { id } = operation.reference;
  expect((await call('GET', `/operation/${operation.id}`)).body.state).toBe('pending');
  expect((await call('GET', `/sks-cluster/${id}`)).body.state).toBe('creating');
  const subject = { user: 'me', groups: ['system:masters'], ttl: 60 };
  expect((await call('POST', `/sks-cluster-kubeconfig/${id}`, subject)).status).toBe(409);

  gate.resolve({ endpoint: 'https://127.0.0.1:1', ca: 'pem' });
  await settled(operation.id);
  expect((await call('GET', `/sks-cluster/${id}`)).body).toMatchObject({
    state: 'running',
    endpoint: 'https://127.0.0.1:1',
  });
  const { body } = await call('POST', `/sks-cluster-kubeconfig/${id}`, subject);
  expect(Buffer.from(body.kubeconfig, 'base64').toString()).toContain('# me in system:masters for 60 s');
});

test('a cluster that could not be made is in error, and its operation says why', async () => {
  const parts = remembered();
  const create = () => Promise.reject(new Error('no capacity'));
  const { call } = await open({ ...parts, cluster: { ...parts.cluster, create } });
  const { body } = await call('POST', '/sks-cluster', cluster);
  await expect
    .poll(async () => (await call('GET', `/operation/${body.id}`)).body, { interval: 5 })
    .toMatchObject({ state: 'failure', reason: 'fault', message: 'no capacity' });
  expect((await call('GET', `/sks-cluster/${body.reference.id}`)).body.state).toBe('error');
});

test('what is in use cannot be deleted', async () => {
  const standIn = await open();
  const { call, made, complaints } = standIn;
  const { id, pool, group } = await withNodepool(standIn);
  const other = await made('/security-group', { name: 'other' });
  await made(`/security-group/${group}/rules`, {
    'flow-direction': 'ingress',
    protocol: 'tcp',
    'start-port': 5432,
    'end-port': 5432,
    'security-group': { id: other },
  });
  await call('POST', '/dbaas-postgres/shop', { plan: 'startup-4', 'termination-protection': true });
  for (const path of [
    `/sks-cluster/${id}`,
    `/security-group/${group}`,
    `/security-group/${other}`,
    '/dbaas-service/shop',
  ])
    expect(await call('DELETE', path), path).toMatchObject({ status: 409 });

  expect((await call('DELETE', `/sks-cluster/${id}/nodepool/${pool}`)).status).toBe(200);
  await expect.poll(async () => (await call('DELETE', `/sks-cluster/${id}`)).status).toBe(200);
  expect((await call('DELETE', `/security-group/${group}`)).status).toBe(200);
  expect((await call('DELETE', `/security-group/${other}`)).status).toBe(200);
  expect(complaints).toEqual([]);
});

test('a nodepool brings its instances, and one change at a time', async () => {
  const parts = remembered();
  const standIn = await open(parts);
  const { call, settled, account } = standIn;
  const { id, pool } = await withNodepool(standIn);
  const names = () => account.zones['ch-gva-2']?.instances.map(({ name }) => name);
  expect(names()).toHaveLength(2);
  expect(parts.nodes.get('main')).toEqual(names());

  const scaled = await call('PUT', `/sks-cluster/${id}/nodepool/${pool}:scale`, { size: 3 });
  await settled(scaled.body.id);
  expect(names()).toHaveLength(3);
  expect(parts.nodes.get('main')).toEqual(names());

  const gate = Promise.withResolvers<void>();
  parts.cluster.scale = () => gate.promise;
  await call('PUT', `/sks-cluster/${id}/nodepool/${pool}:scale`, { size: 1 });
  expect((await call('PUT', `/sks-cluster/${id}/nodepool/${pool}:scale`, { size: 2 })).status).toBe(409);
  gate.resolve();
});

test('clusters are of one zone, security groups of all', async () => {
  const { call, made } = await open();
  const group = await made('/security-group', { name: 'nodes' });
  const id = await made('/sks-cluster', cluster);
  const elsewhere = { zone: 'at-vie-1' };
  expect((await call('GET', `/security-group/${group}`, undefined, elsewhere)).status).toBe(200);
  expect((await call('GET', `/sks-cluster/${id}`, undefined, elsewhere)).status).toBe(404);
  expect((await call('GET', '/sks-cluster', undefined, elsewhere)).body).toEqual({ 'sks-clusters': [] });
});

test("a database's user gets a password that can be revealed and reset", async () => {
  const { call, made, settled, complaints } = await open();
  await made('/dbaas-postgres/shop', { plan: 'startup-4' });
  await made('/dbaas-postgres/shop/user', { username: 'product' });
  const reveal = async () => (await call('GET', '/dbaas-postgres/shop/user/product/password/reveal')).body;
  expect(await reveal()).toEqual({ username: 'product', password: 'product/of:shop' });
  const reset = '/dbaas-postgres/shop/user/product/password/reset';
  await settled((await call('PUT', reset, { password: 'a new password' })).body.id);
  expect(await reveal()).toEqual({ username: 'product', password: 'a new password' });
  expect((await call('POST', '/dbaas-postgres/shop/user', { username: 'product' })).status).toBe(409);
  expect(complaints).toEqual([]);
});

test('a database of a name that was free again a moment ago is made after the old one is gone', async () => {
  const parts = remembered();
  const gate = Promise.withResolvers<void>();
  const { call, made, settled } = await open({
    ...parts,
    database: { ...parts.database, delete: name => gate.promise.then(() => parts.database.delete(name)) },
  });
  await made('/dbaas-postgres/shop', { plan: 'startup-4' });
  await call('DELETE', '/dbaas-service/shop');
  expect((await call('GET', '/dbaas-postgres/shop')).status).toBe(404);
  const { body: again } = await call('POST', '/dbaas-postgres/shop', { plan: 'startup-4' });
  gate.resolve();
  await settled(again.id);
  expect(parts.calls).toEqual(['database shop', 'database shop gone', 'database shop']);
});

test('a key is what its role lets it be, and shows its role only where that lets it', async () => {
  const role = newRole('reader', {
    'default-service-strategy': 'deny',
    services: {
      compute: { type: 'rules', rules: [{ action: 'allow', expression: "operation.startsWith('list-')" }] },
    },
  });
  const reader = { key: 'EXOreader', secret: 'another secret' };
  const { url, call, complaints } = await open({
    keys: [{ ...reader, name: 'plans', role }],
    limits: { instance: 3 },
  });
  const asReader = caller(url, reader);
  expect((await asReader('GET', '/zone')).status).toBe(200);
  for (const [method, path, body] of [
    ['POST', '/security-group', { name: 'x' }],
    ['GET', '/dbaas-service', undefined],
    ['GET', '/api-key/EXOreader', undefined],
  ] as const)
    expect(await asReader(method, path, body)).toMatchObject({
      status: 403,
      body: { message: 'Forbidden by role policy' },
    });
  expect((await call('GET', '/api-key/EXOreader')).body).toEqual({
    name: 'plans',
    key: reader.key,
    'role-id': role.id,
  });
  expect((await call('GET', `/iam-role/${role.id}`)).body.policy).toEqual(role.policy);
  expect((await call('GET', '/api-key/EXOnobody')).status).toBe(404);
  expect((await call('GET', '/quota')).body.quotas).toContainEqual({
    resource: 'instance',
    usage: 0,
    limit: 3,
  });
  expect(complaints).toEqual([]);
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ClusterWorld, clusterWorld } from '../../sandbox/cluster-world.ts';

let world: ClusterWorld;
beforeAll(async () => {
  world = await clusterWorld();
});
afterAll(() => world?.close());

const bootstrap = (inputs?: Record<string, string>) => world.step('bootstrap', inputs);

interface Found {
  data?: Record<string, string>;
}

const get = async (path: string): Promise<Found | undefined> => {
  const { status, body } = await world.cluster.api('GET', path);
  return status === 200 ? (body as Found) : undefined;
};
const secret = async (namespace: string, name: string): Promise<Record<string, string>> =>
  (await get(`/api/v1/namespaces/${namespace}/secrets/${name}`))?.data ?? {};

test('a cluster is seeded, everything arrives, and a second run changes nothing', async () => {
  const rehearsal = await bootstrap({ 'dry-run': 'true' });
  expect(rehearsal.code, rehearsal.log).toBe(0);
  expect(rehearsal.log).toMatch(/\+ Deployment argocd\/argocd-server\n/);
  expect(rehearsal.log).toContain('+ Application argocd/root\n');
  expect(rehearsal.log).toMatch(/\nstaging: \d+ to create, 0 to change\n/);
  expect(await get('/api/v1/namespaces/argocd')).toBeUndefined();

  const first = await bootstrap();
  expect(first.code, first.log).toBe(0);
  const head = await world.sandbox.github.repository(world.shop.platform).head();
  expect(first.outputs).toEqual({ revision: head });
  expect(first.log).toMatch(/\nstaging: \d+ created, 0 changed; 7 Applications are Synced and Healthy\n/);
  expect(first.log).toContain(`root: Synced, Healthy at ${head?.slice(0, 7)}\n`);
  expect(first.summary).toMatch(/\| product \| Synced, Healthy \| [0-9a-f]{7} \|/);
  expect(await get('/apis/apps/v1/namespaces/shop/deployments/product')).toBeDefined();

  const before = {
    redis: await secret('argocd', 'argocd-redis'),
    server: await secret('argocd', 'argocd-secret'),
    database: await secret('shop', 'database'),
  };
  expect(Object.keys(before.redis)).toEqual(['auth']);
  expect(Object.keys(before.server)).toContain('server.secretkey');
  const text = (key: string) => Buffer.from(before.database[key] ?? '', 'base64').toString();
  expect(text('uri')).toBe(
    `postgres://shop:${text('password')}@${text('host')}:${text('port')}/shop?sslmode=${text('sslmode')}`,
  );
  expect(text('ca.crt')).toContain('BEGIN CERTIFICATE');
  expect(first.masks).toContain(text('password'));
  expect(first.log).not.toContain(text('password'));

  const second = await bootstrap();
  expect(second.code, second.log).toBe(0);
  expect(second.log).toContain('staging: nothing changed; 7 Applications are Synced and Healthy\n');
  expect(second.log).not.toContain('Changes:');
  expect({
    redis: await secret('argocd', 'argocd-redis'),
    server: await secret('argocd', 'argocd-secret'),
    database: await secret('shop', 'database'),
  }).toEqual(before);
  expect(world.sandbox.exoscale.complaints).toEqual([]);
  expect(world.sandbox.egress.refused).toEqual([]);
});

test.each([
  [{ until: 'http' }, /Input "until" is "http": it must be applications/],
  [{ environment: 'production' }, /There is no SKS cluster shop-production/],
  [{ manifests: 'charts' }, /There is no folder charts\/argocd/],
])('%j is told in one sentence', async (inputs, message) => {
  const { code, annotations } = await bootstrap(inputs);
  expect(code).toBe(1);
  expect(annotations).toMatchObject([{ level: 'error', message: expect.stringMatching(message) }]);
});

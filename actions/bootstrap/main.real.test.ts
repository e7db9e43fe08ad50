import { createPrivateKey } from 'node:crypto';
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

const secrets = async () => ({
  redis: await secret('argocd', 'argocd-redis'),
  server: await secret('argocd', 'argocd-secret'),
  keys: await secret('shop', 'user-manager-keys'),
  database: await secret('shop', 'database'),
  repositories: await secret('argocd', 'repositories-acme'),
  issuer: await secret('cert-manager', 'cloudflare-api-token'),
  registry: await secret('shop', 'registry'),
});
const clear = (value = ''): string => Buffer.from(value, 'base64').toString();
const token = 'ghs_a-token-of-a-reader-0123456789';
const puller = 'ghp_a-token-that-pulls-0123456789';

test('a cluster is seeded, everything arrives, and a second run changes nothing', async () => {
  const rehearsal = await bootstrap({ 'dry-run': 'true' });
  expect(rehearsal.code, rehearsal.log).toBe(0);
  expect(rehearsal.log).toMatch(/\+ Deployment argocd\/argocd-server\n/);
  expect(rehearsal.log).toContain('+ Application argocd/root\n');
  expect(rehearsal.log).toMatch(/\nstaging: \d+ to create, 0 to change\n/);
  expect(await get('/api/v1/namespaces/argocd')).toBeUndefined();

  // Killed when the kinds are there and nothing else is: the next run goes on.
  const shim = await world.shim({ killAt: 'create' });
  const killed = await world.step('bootstrap', {}, { kubectl: shim });
  expect(killed.code, killed.log).toBe(137);
  expect(await get('/api/v1/namespaces/argocd')).toBeDefined();
  expect(await secrets()).toEqual({
    redis: {},
    server: {},
    keys: {},
    database: {},
    repositories: {},
    issuer: {},
    registry: {},
  });

  const first = await bootstrap({ 'repository-token': token, 'registry-token': puller });
  expect(first.code, first.log).toBe(0);
  const head = await world.sandbox.github.repository(world.shop.platform).head();
  expect(first.outputs).toEqual({ revision: head });
  // The namespace has had its account since the run that was killed.
  expect(first.log).toMatch(/\nstaging: \d+ created, [01] changed; 7 Applications are Synced and Healthy\n/);
  expect(first.log).toContain(`root: Synced, Healthy at ${head?.slice(0, 7)}\n`);
  expect(first.summary).toMatch(/\| product \| Synced, Healthy \| [0-9a-f]{7} \|/);
  expect(await get('/apis/apps/v1/namespaces/shop/deployments/product')).toBeDefined();

  const before = await secrets();
  expect(Object.keys(before.redis)).toEqual(['auth']);
  expect(Object.keys(before.server)).toContain('server.secretkey');
  expect(createPrivateKey(clear(before.keys['signing-key.pem'])).asymmetricKeyType).toBe('ed25519');
  expect(clear(before.issuer['api-token'])).toBe(world.sandbox.secrets.CLOUDFLARE_API_TOKEN);
  expect([before.repositories.url, before.repositories.password].map(clear)).toEqual([
    'https://github.com/acme/',
    token,
  ]);
  expect(JSON.parse(clear(before.registry['.dockerconfigjson']))).toMatchObject({
    auths: { 'ghcr.io': { password: puller } },
  });
  expect(await get('/api/v1/namespaces/shop/serviceaccounts/default')).toMatchObject({
    imagePullSecrets: [{ name: 'registry' }],
  });
  const text = (key: string) => clear(before.database[key]);
  expect(text('uri')).toBe(
    `postgres://shop:${text('password')}@${text('host')}:${text('port')}/shop?sslmode=${text('sslmode')}`,
  );
  expect(text('ca.crt')).toContain('BEGIN CERTIFICATE');
  expect(first.masks).toEqual(expect.arrayContaining([text('password'), token, puller]));
  for (const each of [text('password'), token, before.repositories.password ?? ''])
    expect(first.log).not.toContain(each);

  const second = await bootstrap({ 'repository-token': token });
  expect(second.code, second.log).toBe(0);
  expect(second.log).toContain('staging: nothing changed; 7 Applications are Synced and Healthy\n');
  expect(second.log).not.toContain('Changes:');
  expect(await secrets()).toEqual(before);
  expect(world.sandbox.exoscale.complaints).toEqual([]);
  expect(world.sandbox.egress.refused).toEqual([]);
});

test.each([
  [{ until: 'http' }, [/Input "target" is missing: there is no load balancer shop-staging in ch-gva-2/]],
  [
    { until: 'ready', target: 'https://x', 'timeout-minutes': 'ten' },
    [
      /Input "until" is "ready": it must be applications or certificates or http/,
      /Input "timeout-minutes" is "ten"/,
      /Input "target" is "https:\/\/x": write an address or a host name/,
    ],
  ],
  [{ environment: 'production' }, [/There is no SKS cluster shop-production/]],
  [{ manifests: 'charts' }, [/There is no folder charts\/argocd/]],
])('%j is told in one sentence each', async (inputs, messages) => {
  const { code, annotations } = await bootstrap(inputs as Record<string, string>);
  expect(code).toBe(1);
  expect(annotations).toMatchObject(
    messages.map(message => ({ level: 'error', message: expect.stringMatching(message) })),
  );
});

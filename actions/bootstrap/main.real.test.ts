import { createPrivateKey } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ClusterWorld, clusterWorld } from '../../sandbox/cluster-world.ts';
import { inside } from '../../scripts/testing/inside.ts';

let world: ClusterWorld;
beforeAll(async () => {
  world = await clusterWorld();
});
afterAll(() => world?.close());

const { get, secrets } = inside(() => world);
const bootstrap = (inputs?: Record<string, string>) => world.step('bootstrap', inputs);

const clear = (value = ''): string => Buffer.from(value, 'base64').toString();
const token = 'ghs_a-token-of-a-reader-0123456789';
const puller = 'ghp_a-token-that-pulls-0123456789';

test('a cluster is seeded, everything arrives, and a second run changes nothing', async () => {
  const first = await bootstrap({ 'repository-token': token, 'registry-token': puller });
  expect(first.code, first.log).toBe(0);
  const head = await world.sandbox.github.repository(world.shop.platform).head();
  expect(first.outputs).toEqual({ revision: head });
  // The namespace may get its account between the run's look at it and its pull secret.
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

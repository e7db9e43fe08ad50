import { createPrivateKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { type Kubectl, type KubeObject, type Manifest, title } from '../kubectl/kubectl.ts';
import { secret } from './secrets.ts';
import { missing, seeds } from './seeds.ts';

const cluster = (...live: KubeObject[]): Kubectl =>
  ({
    live: async (manifests: Manifest[]) => {
      const asked = manifests.map(({ object }) => title(object));
      return live.filter(each => asked.includes(title(each)));
    },
  }) as unknown as Kubectl;

const wanted = seeds('argocd', 'shop');
const values = (object: KubeObject | undefined) =>
  Object.fromEntries(
    Object.entries((object as { data?: Record<string, string> } | undefined)?.data ?? {}).map(
      ([key, value]) => [key, Buffer.from(value, 'base64').toString()],
    ),
  );

test('what is not there is made, each time anew', async () => {
  const [first, second] = [await missing(cluster(), wanted), await missing(cluster(), wanted)];
  expect(first.map(({ object: { metadata }, keys, live }) => ({ ...metadata, keys, live }))).toEqual([
    { namespace: 'argocd', name: 'argocd-secret', keys: ['server.secretkey'] },
    { namespace: 'argocd', name: 'argocd-redis', keys: ['auth'] },
    { namespace: 'shop', name: 'user-manager-keys', keys: ['signing-key.pem'] },
  ]);
  for (const [index, { object }] of first.entries())
    for (const [key, value] of Object.entries(values(object))) {
      expect(value.length).toBeGreaterThanOrEqual(43);
      expect(values(second[index]?.object)[key]).not.toBe(value);
    }
});

test('the signing key is an Ed25519 key in PKCS#8', async () => {
  const [, , { object } = { object: undefined }] = await missing(cluster(), wanted);
  const pem = values(object)['signing-key.pem'] ?? '';
  expect(pem).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  expect(createPrivateKey(pem).asymmetricKeyType).toBe('ed25519');
});

test('a value that is there stays; one that is not comes to the others, and the object stays the one that was read', async () => {
  const redis = secret({ namespace: 'argocd', name: 'argocd-redis', values: { auth: 'kept' } });
  const half = secret({
    namespace: 'argocd',
    name: 'argocd-secret',
    values: { 'webhook.github.secret': 'kept' },
  });
  half.metadata.resourceVersion = '7';
  const keys = secret({
    namespace: 'shop',
    name: 'user-manager-keys',
    values: { 'signing-key.pem': 'kept' },
  });
  const [only, ...others] = await missing(cluster(redis, half, keys), wanted);
  expect(others).toEqual([]);
  expect(only).toMatchObject({
    keys: ['server.secretkey'],
    live: half,
    object: { metadata: { resourceVersion: '7' } },
  });
  expect(values(only?.object)).toEqual({
    'webhook.github.secret': 'kept',
    'server.secretkey': expect.stringMatching(/^[\w-]{43}$/),
  });
});

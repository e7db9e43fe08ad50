import { expect, test } from 'vitest';
import type { PlatformFile, Target } from '../platform/platform.ts';
import type { Runner } from '../runner/runner.ts';
import { fromOutside } from './outside.ts';
import { registryManifests } from './registry.ts';

const platform = (...images: string[]) =>
  ({
    name: 'shop',
    services: Object.fromEntries(images.map((image, index) => [`service-${index}`, { image }])),
  }) as unknown as PlatformFile;

const config = (...images: string[]) => {
  const [{ object } = { object: {} }] = registryManifests(platform(...images), 'ghp_x');
  const { data = {} } = object as { data?: Record<string, string> };
  return JSON.parse(Buffer.from(data['.dockerconfigjson'] ?? '', 'base64').toString());
};

test('only GitHub’s registry has the token, as kubelet reads it, whatever other registries there are', () => {
  const login = {
    username: 'x-access-token',
    password: 'ghp_x',
    auth: Buffer.from('x-access-token:ghp_x').toString('base64'),
  };
  const foreign = [
    'docker.io/acme/api',
    'acme/worker',
    'registry.acme.example:5000/api',
    'ghcr.io.example/x',
  ];
  expect(config('ghcr.io/acme/ui', ...foreign, 'ghcr.io/acme/product')).toEqual({
    auths: { 'ghcr.io': login },
  });
});

test('without an image there the token is given to nobody, and that is said', async () => {
  const warnings: string[] = [];
  const runner = {
    info() {},
    warning: (message: string) => void warnings.push(message),
  } as unknown as Runner;
  const bring = async (...images: string[]) => {
    const target = { platform: platform(...images) } as Target;
    const wish = { registryToken: 'ghp_x', dryRun: false };
    return (await fromOutside(runner, target, 'argocd', wish)).manifests;
  };
  expect(await bring('docker.io/acme/api', 'acme/ui')).toEqual([]);
  expect(warnings).toEqual([
    'The registry token was not brought: it is for images at ghcr.io, and platform.yaml names none there; leave the input "registry-token" out',
  ]);
  expect(await bring('docker.io/acme/api', 'ghcr.io/acme/ui')).toHaveLength(2);
  expect(warnings).toHaveLength(1);
});

test('the pods of the services are handed it by the account that they run as', () => {
  const [secret, account] = registryManifests(platform('ghcr.io/acme/ui'), 'ghp_x').map(
    ({ object }) => object,
  );
  expect(secret).toMatchObject({
    ...{ kind: 'Secret', type: 'kubernetes.io/dockerconfigjson' },
    metadata: { name: 'registry', namespace: 'shop' },
  });
  expect(account).toMatchObject({
    ...{ kind: 'ServiceAccount', imagePullSecrets: [{ name: 'registry' }] },
    metadata: { name: 'default', namespace: 'shop' },
  });
});

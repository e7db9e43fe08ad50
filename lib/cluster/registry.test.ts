import { expect, test } from 'vitest';
import type { PlatformFile } from '../platform/platform.ts';
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

test('each registry has the token once, as kubelet reads it', () => {
  const login = {
    username: 'x-access-token',
    password: 'ghp_x',
    auth: Buffer.from('x-access-token:ghp_x').toString('base64'),
  };
  expect(config('ghcr.io/acme/ui', 'registry.acme.example:5000/api', 'ghcr.io/acme/product')).toEqual({
    auths: { 'ghcr.io': login, 'registry.acme.example:5000': login },
  });
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

import { expect, test } from 'vitest';
import type { PlatformFile } from '../platform/platform.ts';
import { repositoryManifests } from './repositories.ts';
import { manifest, namespaces, secret } from './secrets.ts';

const platform = (...repositories: string[]): PlatformFile => {
  const services = Object.fromEntries(repositories.map((repository, index) => [`s${index}`, { repository }]));
  return { repository: 'https://github.com/acme/platform', services } as unknown as PlatformFile;
};
const clear = (text: string) => Buffer.from(text, 'base64').toString();

test.each([
  [['https://github.com/acme/ui', 'https://github.com/acme/product'], ['acme']],
  [['https://github.com/Acme/ui'], ['acme']],
  [
    ['https://github.com/other/ui', 'https://github.com/acme/ui'],
    ['acme', 'other'],
  ],
  [['https://github.com/jo_corp/ui'], ['acme', 'jo_corp']],
])('of %j the owners are %j, one Secret each', (repositories, owners) => {
  const found = repositoryManifests(platform(...repositories), 'a-token', 'argocd').map(
    ({ object }) => object,
  );
  expect(found.map(({ metadata }) => metadata)).toEqual(
    owners.map(owner => ({
      name: `repositories-${owner.replace('_', '-')}`,
      namespace: 'argocd',
      labels: { 'argocd.argoproj.io/secret-type': 'repo-creds' },
    })),
  );
  for (const [index, object] of found.entries()) {
    const { data } = object as unknown as { data: Record<string, string> };
    expect(Object.fromEntries(Object.entries(data).map(([key, value]) => [key, clear(value)]))).toEqual({
      ...{ type: 'git', url: `https://github.com/${owners[index]}/` },
      ...{ username: 'x-access-token', password: 'a-token' },
    });
  }
});

test('namespaces that nobody brings are made by their name alone', () => {
  const brought = manifest({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'argocd', labels: { a: 'b' } },
  });
  const objects = ['argocd', 'shop', 'shop'].map(namespace => secret({ namespace, name: 'x', values: {} }));
  expect(namespaces(objects, [brought]).map(({ object }) => object)).toEqual([
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
  ]);
});

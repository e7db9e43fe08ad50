import { expect, test } from 'vitest';
import { type Kubectl, KubernetesError } from '../kubectl/kubectl.ts';
import type { Application, Source } from './application.ts';
import { checkRoot } from './root.ts';

const source = { repoURL: 'https://github.com/acme/platform', path: 'manifests/environments/production' };
const root = (source: Source): Application => ({
  ...{ apiVersion: 'argoproj.io/v1alpha1', kind: 'Application' },
  metadata: { name: 'root', namespace: 'argocd' },
  spec: { source },
});
const found = (answer: () => Application | undefined) =>
  checkRoot({ get: async () => answer() } as unknown as Kubectl, root(source));

test.each<[string, () => Application | undefined]>([
  ['a cluster without a root', () => undefined],
  [
    'a cluster without Argo CD',
    () => {
      throw new KubernetesError('UnknownResource', 'no Applications');
    },
  ],
  ['its own', () => root({ ...source, targetRevision: 'another' })],
  [
    'its own in other words',
    () =>
      root({ repoURL: 'https://github.com/Acme/platform.git', path: './manifests/environments/production/' }),
  ],
])('%s may become this environment', async (_, answer) => {
  await expect(found(answer)).resolves.toBeUndefined();
});

test.each([
  ['another environment', { ...source, path: 'manifests/environments/staging' }],
  ['another platform', { ...source, repoURL: 'https://github.com/acme/other' }],
])('%s is left as it is, and both are named', async (_, other) => {
  const named = (each: Source) => `${each.path} in ${each.repoURL}`;
  await expect(found(() => root(other))).rejects.toThrow(
    `root Application argocd/root reads ${named(other)}, and this run is of ${named(source)}: give the kubeconfig`,
  );
});

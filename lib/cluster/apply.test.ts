import { expect, test } from 'vitest';
import type { Kubectl, KubeObject, Manifest } from '../kubectl/kubectl.ts';
import type { Runner } from '../runner/runner.ts';
import { apply } from './apply.ts';
import { observe } from './observe.ts';

const runner = { progress() {} } as unknown as Runner;
const soon = () => ({ minutes: 1, at: Date.now() + 10_000, pause: 1 });

const object = (kind: string, name: string, rest: Partial<KubeObject> = {}): KubeObject => ({
  apiVersion: kind === 'AppProject' ? 'argoproj.io/v1alpha1' : 'v1',
  kind,
  metadata: { name },
  ...rest,
});
const manifest = (object: KubeObject): Manifest => ({ text: '', object });
const definition = (established: boolean) =>
  object('CustomResourceDefinition', 'appprojects.argoproj.io', {
    spec: { group: 'argoproj.io', names: { kind: 'AppProject' } },
    status: { conditions: [{ type: 'Established', status: established ? 'True' : 'False' }] },
  });
const project = object('AppProject', 'staging', { metadata: { name: 'staging', namespace: 'argocd' } });
const leaving = object('Namespace', 'argocd', {
  metadata: { name: 'argocd', deletionTimestamp: '2026-11-23T00:00:00Z' },
});

/** A cluster that answers `live` with one thing after the other, and notes what it is told to do. */
function cluster(...answers: KubeObject[][]): Kubectl & { done: string[] } {
  const done: string[] = [];
  const known = {
    done,
    live: async () => answers.shift() ?? [],
    apply: async (manifests: Manifest[], { dryRun = false } = {}) => {
      done.push(`${dryRun ? 'ask' : 'apply'} ${manifests.map(({ object }) => object.kind).join(' ')}`.trim());
      return manifests.map(({ object }) => object);
    },
    create: async ({ metadata }: KubeObject) => done.push(`create ${metadata.name}`) > 0,
    replace: async ({ metadata }: KubeObject) => void done.push(`replace ${metadata.name}`),
  };
  return known as unknown as Kubectl & { done: string[] };
}

const all = [object('Namespace', 'argocd'), definition(false), project].map(manifest);

test('what others stand on comes first: namespaces that are not on their way out, kinds that are served', async () => {
  const half = object('Secret', 'argocd-secret', {
    metadata: { name: 'argocd-secret', namespace: 'argocd' },
  });
  const fake = cluster([leaving], [leaving], [], [definition(false)], [definition(true)], [half]);
  const make = { auth: () => 'made' };
  const seeds = ['argocd-redis', 'argocd-secret'].map(name => ({ namespace: 'argocd', name, make }));
  await apply(runner, fake, all, seeds, soon());
  expect(fake.done).toEqual([
    'apply Namespace CustomResourceDefinition',
    'create argocd-redis',
    'replace argocd-secret',
    'apply AppProject',
  ]);
});

test.each([
  ['nothing is there', [], 'ask', ['Namespace', 'CustomResourceDefinition', 'AppProject']],
  [
    'the namespace is leaving',
    [leaving, definition(true)],
    'ask CustomResourceDefinition',
    ['Namespace', 'AppProject'],
  ],
  [
    'the kind is unknown',
    [object('Namespace', 'argocd')],
    'ask Namespace',
    ['CustomResourceDefinition', 'AppProject'],
  ],
  [
    'all is there',
    [object('Namespace', 'argocd'), definition(true)],
    'ask Namespace CustomResourceDefinition AppProject',
    [],
  ],
])('when %s, what is missing, or stands on what is, is not asked about', async (_, live, asked, unasked) => {
  const fake = cluster(live);
  const observed = await observe(fake, all);
  expect(fake.done).toEqual([asked]);
  expect(observed.unasked.map(({ kind }) => kind)).toEqual(unasked);
});

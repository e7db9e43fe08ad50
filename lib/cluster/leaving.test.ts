import { expect, test } from 'vitest';
import { type Kubectl, type KubeObject, KubernetesError, type Manifest } from '../kubectl/kubectl.ts';
import type { Runner } from '../runner/runner.ts';
import { leaving } from './leaving.ts';
import { manifest } from './secrets.ts';

const namespace = manifest({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'argocd' } });
const kind = manifest({
  ...{ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' },
  metadata: { name: 'applications.argoproj.io' },
});
const goingKind: KubeObject = {
  ...kind.object,
  metadata: { ...kind.object.metadata, deletionTimestamp: '2026-11-27T00:00:00Z' },
  status: {
    conditions: [
      { type: 'Established', status: 'True', message: 'the initial names have been accepted' },
      { type: 'Terminating', status: 'True', message: 'CustomResource deletion is in progress' },
    ],
  },
};
const controller = manifest({
  ...{ apiVersion: 'apps/v1', kind: 'StatefulSet' },
  metadata: { name: 'argocd-application-controller', namespace: 'argocd' },
});
const finalizer = 'resources-finalizer.argocd.argoproj.io';
const message = `Some content in the namespace has finalizers remaining: ${finalizer} in 1 resource instances`;
const going = (held: boolean): KubeObject => ({
  ...namespace.object,
  metadata: { name: 'argocd', deletionTimestamp: '2026-11-27T00:00:00Z' },
  status: {
    conditions: [{ type: 'NamespaceFinalizersRemaining', status: held ? 'True' : 'False', message }],
  },
});
const application = (name: string, finalizers: string[], deleted = true): KubeObject => ({
  ...{ apiVersion: 'argoproj.io/v1alpha1', kind: 'Application' },
  metadata: {
    ...{ name, namespace: 'argocd', finalizers },
    ...(deleted && { deletionTimestamp: '2026-11-27T00:00:00Z' }),
  },
});

async function seen(live: KubeObject[], applications: KubeObject[] | KubernetesError) {
  const patched: unknown[] = [];
  const warnings: string[] = [];
  const cluster = {
    live: async (manifests: Manifest[]) =>
      live.filter(each => manifests.some(({ object }) => object.kind === each.kind)),
    list: async () => {
      if (applications instanceof KubernetesError) throw applications;
      return applications;
    },
    patch: async (_: string, names: string[], patch: unknown) => {
      if (names.includes('vanished')) throw new KubernetesError('NotFound', 'no such Application');
      patched.push([names, patch]);
    },
  } as unknown as Kubectl;
  const runner = { warning: (text: string) => warnings.push(text) } as unknown as Runner;
  const problems = await leaving(runner, cluster, [namespace, kind, controller]).look();
  return { patched, warnings, states: problems.map(({ what, state }) => `${what}: ${state}`) };
}

test('what is going is waited for, with what it waits for itself', async () => {
  expect(await seen([], [])).toEqual({ patched: [], warnings: [], states: [] });
  expect(await seen([going(false)], [])).toMatchObject({ states: ['Namespace argocd: it is being deleted'] });
});

test('while Argo CD is there, its finalizers are its own to take off', async () => {
  const found = await seen([going(true), controller.object], [application('ui', [finalizer])]);
  expect(found).toEqual({ patched: [], warnings: [], states: [`Namespace argocd: ${message}`] });
});

test('when it is gone they are taken off what is being deleted, and nothing else is', async () => {
  const { patched, warnings } = await seen(
    [going(true)],
    [
      application('ui', ['keep', `${finalizer}/background`]),
      application('root', ['keep']),
      application('new', [finalizer], false),
    ],
  );
  expect(patched).toEqual([[['ui'], { metadata: { finalizers: ['keep'] } }]]);
  expect(warnings).toEqual([
    expect.stringMatching(/^Argo CD is gone, and its finalizer kept Application argocd\/ui: /),
  ]);
});

test('their kind may go without their namespace: what Argo CD was installed from has been deleted', async () => {
  const left = [application('ui', [finalizer])];
  const state = 'CustomResourceDefinition applications.argoproj.io: CustomResource deletion is in progress';
  expect(await seen([goingKind, controller.object], left)).toMatchObject({ patched: [], states: [state] });
  const { patched, states } = await seen([goingKind], left);
  expect(patched).toEqual([[['ui'], { metadata: { finalizers: [] } }]]);
  expect(states).toEqual([state]);
});

test('what has gone since it was looked at, or its whole kind, is no error', async () => {
  const unknown = new KubernetesError('UnknownResource', 'no such kind');
  expect(await seen([goingKind], unknown)).toMatchObject({ patched: [], warnings: [] });
  const { patched } = await seen(
    [goingKind],
    ['vanished', 'ui'].map(name => application(name, [finalizer])),
  );
  expect(patched).toEqual([[['ui'], { metadata: { finalizers: [] } }]]);
});

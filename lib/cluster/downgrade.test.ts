import { expect, test } from 'vitest';
import type { Kubectl } from '../kubectl/kubectl.ts';
import type { Runner } from '../runner/runner.ts';
import type { Application } from './application.ts';
import { checkVersions } from './downgrade.ts';
import { NotInTime } from './ladder.ts';
import { manifest } from './secrets.ts';

const controller = (version: string, availableReplicas = 1) => ({
  ...{ apiVersion: 'apps/v1', kind: 'StatefulSet' },
  metadata: { name: 'argocd-application-controller', namespace: 'argocd' },
  spec: { template: { spec: { containers: [{ image: `quay.io/argoproj/argocd:${version}` }] } } },
  status: { availableReplicas },
});
const application = (name: string, sync: string, parts: object[] = []): Application =>
  ({
    ...{ apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', metadata: { name, namespace: 'argocd' } },
    status: { sync: { status: sync }, health: { status: 'Healthy' }, resources: parts },
  }) as Application;
const parts = [{ kind: 'StatefulSet', name: 'argocd-application-controller', namespace: 'argocd' }];

/** A cluster in which the pin is v3.2.1; of what is installed, and of Argo CD's Application, one answer after the other. */
async function check(
  installed: ReturnType<typeof controller>[],
  syncs: string[],
  { dryRun = false, milliseconds = 10_000, parts: owned = parts } = {},
) {
  const next = <T>(answers: T[]) => (answers.length > 1 ? answers.shift() : answers[0]) as T;
  const asked: string[] = [];
  const cluster = {
    versions: async () => ({ kubectl: 'v1.34.2', kubernetes: 'v1.34.2' }),
    live: async () => [next(installed)],
    list: async () => [
      application('root', 'Synced'),
      application('argocd', next(syncs), owned),
      application('ui', 'OutOfSync'),
    ],
    annotate: async (_: string, names: string[]) => asked.push(...names),
  } as unknown as Kubectl;
  const runner = { progress: () => {}, warning: () => {} } as unknown as Runner;
  const wish = { manifests: [manifest(controller('v3.2.1'))], root: application('root', 'Synced') };
  const deadline = dryRun ? undefined : { minutes: 1, at: Date.now() + milliseconds, pause: 1 };
  const failure = await checkVersions(runner, cluster, wish, deadline).catch((error: Error) => error);
  return { failure, asked };
}

const newer = controller('v3.5.1');
const refusal = /Argo CD in the cluster is v3\.5\.1, newer than v3\.2\.1 of the manifests/;

test('after the merge of a revert Argo CD is asked to look, and waited for until it has gone back', async () => {
  const found = await check([newer, newer, newer, controller('v3.2.1')], ['OutOfSync']);
  expect(found).toEqual({ failure: undefined, asked: ['root', 'argocd'] });
});

test('when its branch wants the newer one, nothing is waited for', async () => {
  const { failure, asked } = await check([newer], ['OutOfSync', 'Synced']);
  expect(failure).toMatchObject({ name: 'UserError', message: expect.stringMatching(refusal) });
  expect(asked).toEqual(['root', 'argocd']);
});

test.each([
  ['that is not up', [controller('v3.5.1', 0)], {}],
  ['in a dry run', [newer], { dryRun: true }],
])('an Argo CD %s is not asked', async (_, installed, options) => {
  const { failure, asked } = await check(installed, ['OutOfSync'], options);
  expect(failure).toMatchObject({ message: expect.stringMatching(refusal) });
  expect(asked).toEqual([]);
});

test('one that no Application brings goes nowhere', async () => {
  const { failure } = await check([newer], ['OutOfSync'], { parts: [] });
  expect(failure).toMatchObject({ name: 'UserError', message: expect.stringMatching(refusal) });
});

test('when time is up, what holds it up is told, and that nothing is put back', async () => {
  const { failure } = await check([newer], ['OutOfSync'], { milliseconds: 0 });
  expect(failure).toBeInstanceOf(NotInTime);
  expect((failure as Error).message).toMatch(
    /not done: Application argocd\/root, Application argocd\/argocd;/,
  );
  expect((failure as Error).message).toMatch(refusal);
});

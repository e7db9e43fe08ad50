import { expect, test } from 'vitest';
import type { Kubectl } from '../kubectl/kubectl.ts';
import { type Application, refresh } from './application.ts';
import { nudging } from './nudge.ts';

type Status = NonNullable<Application['status']>;

const application = (status: Status, syncPolicy: object = { automated: { prune: true } }): Application => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name: 'traefik', namespace: 'argocd' },
  spec: { source: { path: 'traefik' }, syncPolicy },
  status: { sync: { status: 'Synced', comparedTo: { source: { path: 'traefik' } } }, ...status },
});

const healthy = () => application({ health: { status: 'Healthy' } });
const degraded = () => application({ health: { status: 'Degraded' } });
const failed = (finishedAt: string, syncPolicy?: object) =>
  application({ sync: { status: 'OutOfSync' }, operationState: { phase: 'Failed', finishedAt } }, syncPolicy);

/** Argo CD, which takes the annotation away when it has looked. */
function world() {
  const asked: unknown[] = [];
  let time = 0;
  const cluster = {
    annotate: async (_: string, names: string[], annotations: object) => asked.push([names, annotations]),
    patch: async (_: string, names: string[], patch: object) => asked.push([names, patch]),
  } as unknown as Kubectl;
  const nudge = nudging(
    cluster,
    'argocd',
    () => {},
    () => time,
  );
  return {
    async at(seconds: number, found: Application) {
      time = seconds * 1000;
      asked.length = 0;
      await nudge([found]);
      return [...asked];
    },
  };
}

const look = [['traefik'], { [refresh]: 'normal' }];

test('asks for a fresh look at first sight, and again while something is wrong', async () => {
  const { at } = world();
  expect(await at(0, healthy())).toEqual([look]);
  expect(await at(10, degraded())).toEqual([]);
  expect(await at(21, degraded())).toEqual([look]);
  expect(await at(30, degraded())).toEqual([]);
  expect(await at(42, degraded())).toEqual([look]);
  expect(await at(90, healthy())).toEqual([]);
});

test('does not ask again while the look that was asked for is still to come', async () => {
  const { at } = world();
  await at(0, degraded());
  const pending = degraded();
  pending.metadata.annotations = { [refresh]: 'normal' };
  expect(await at(60, pending)).toEqual([]);
});

test('asks once more for each sync that has failed for good, as Argo CD itself would ask', async () => {
  const { at } = world();
  const policy = {
    automated: { prune: true, selfHeal: true },
    syncOptions: ['ServerSideApply=true'],
    retry: { limit: 5 },
  };
  await at(0, failed('one', policy));
  const operation = {
    initiatedBy: { username: 'slipway' },
    sync: { prune: true, syncOptions: ['ServerSideApply=true'] },
    retry: { limit: 5 },
  };
  expect(await at(1, failed('one', policy))).toEqual([[['traefik'], { operation }]]);
  expect(await at(2, failed('one', policy))).toEqual([]);
  expect(await at(3, failed('two', policy))).toEqual([[['traefik'], { operation }]]);
});

test.each([
  ['that nobody automated', failed('one', {})],
  ['with a sync under way', { ...failed('one'), operation: {} }],
  ['that succeeded', application({ operationState: { phase: 'Succeeded', finishedAt: 'one' } })],
])('leaves a sync alone %s', async (_, found) => {
  const { at } = world();
  await at(0, structuredClone(found));
  expect(await at(1, structuredClone(found))).toEqual([]);
});

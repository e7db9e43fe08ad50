import { expect, test } from 'vitest';
import { type Application, hooks, shortcomings } from './application.ts';

const commit = 'a'.repeat(40);
const other = 'b'.repeat(40);
const source = { repoURL: 'https://github.com/acme/ui', path: 'deploy', targetRevision: commit };

/** An Application as Argo CD leaves it when all is well. */
const deployed = (): Application => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name: 'ui', namespace: 'argocd' },
  spec: { source },
  status: {
    sync: { status: 'Synced', revision: commit, comparedTo: { source: { ...source } } },
    health: { status: 'Healthy' },
    operationState: { phase: 'Succeeded' },
  },
});

test('an Application that is Synced and Healthy at its revision lacks nothing', () => {
  expect(shortcomings(deployed())).toEqual([]);
});

test('what Argo CD leaves out when it copies a source is no difference', () => {
  const application = deployed();
  application.spec = {
    source: { ...source, kustomize: { images: [], patches: [{ patch: 'x', options: {} }] } } as never,
  };
  if (application.status?.sync)
    application.status.sync.comparedTo = {
      source: { kustomize: { patches: [{ patch: 'x' }] }, ...source } as never,
    };
  expect(shortcomings(application)).toEqual([]);
});

test.each<[string, (application: Application) => void, RegExp]>([
  ['never looked at', a => delete a.status, /has not looked at it/],
  [
    'asked for a fresh look',
    a => (a.metadata.annotations = { 'argocd.argoproj.io/refresh': 'normal' }),
    /not looked/,
  ],
  ['on its way out', a => (a.metadata.deletionTimestamp = '2026-11-23T00:00:00Z'), /being deleted/],
  [
    'out of sync',
    a => set(a, { sync: { status: 'OutOfSync' }, resources: [part('OutOfSync')] }),
    /OutOfSync \(Deployment shop\/ui\)/,
  ],
  [
    'with an error that leaves it Unknown and Healthy',
    a =>
      set(a, {
        sync: { status: 'Unknown' },
        conditions: [{ type: 'ComparisonError', message: 'deploy: no such path' }],
      }),
    /ComparisonError: deploy: no such path/,
  ],
  [
    'whose repository it may not read',
    a =>
      set(a, {
        sync: { status: 'Unknown' },
        conditions: [
          {
            type: 'ComparisonError',
            message:
              'Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = failed to list refs: authentication required: Repository not found.',
          },
        ],
      }),
    /may not read https:\/\/github\.com\/acme\/ui: give a token .*revoked.*"repository-token"/,
  ],
  [
    'whose repository it does not reach',
    a =>
      set(a, {
        sync: { status: 'Unknown' },
        conditions: [
          {
            type: 'ComparisonError',
            message:
              'rpc error: code = Unknown desc = failed to list refs: Get "https://github.com/acme/ui/info/refs?service=git-upload-pack": dial tcp: lookup github.com on 10.96.0.10:53: no such host',
          },
        ],
      }),
    /does not reach https:\/\/github\.com\/acme\/ui: /,
  ],
  [
    'compared with the source before',
    a =>
      set(a, { sync: { ...a.status?.sync, comparedTo: { source: { ...source, targetRevision: other } } } }),
    /new source/,
  ],
  [
    'at another commit',
    a => set(a, { sync: { ...a.status?.sync, revision: other } }),
    new RegExp(`${other} instead of ${commit}`),
  ],
  ['syncing', a => set(a, { operationState: { phase: 'Running', message: 'wave 1' } }), /under way: wave 1/],
  ['about to sync', a => (a.operation = {}), /under way/],
  [
    'refused by the API server',
    a =>
      set(a, {
        operationState: {
          phase: 'Failed',
          message: 'one or more objects failed to apply',
          syncResult: {
            resources: [{ kind: 'Service', name: 'ui', status: 'SyncFailed', message: 'denied' }],
          },
        },
      }),
    /Service ui was refused: denied/,
  ],
  [
    'held up by a hook that failed',
    a =>
      set(a, {
        operationState: {
          phase: 'Failed',
          message: 'one or more synchronization tasks completed unsuccessfully',
          syncResult: {
            resources: [
              {
                ...{ kind: 'Job', namespace: 'shop', name: 'migration', status: 'Synced' },
                ...{ hookType: 'PreSync', hookPhase: 'Failed', message: 'Job has reached its limit' },
              },
            ],
          },
        },
      }),
    /Job shop\/migration, which runs first \(PreSync\), failed: Job has reached its limit/,
  ],
  ['not healthy', a => set(a, { health: { status: 'Degraded', message: 'no pods' } }), /Degraded: no pods/],
  ['of no health', a => set(a, { health: {} }), /unknown health/],
  ...['Recv failure: Connection reset by peer', 'The requested URL returned error: 503'].map(
    (said): [string, (application: Application) => void, RegExp] => [
      `whose repository answers "${said}"`,
      a => set(a, { sync: { status: 'Unknown' }, conditions: [{ type: 'ComparisonError', message: said }] }),
      /does not reach https:\/\/github\.com\/acme\/ui: /,
    ],
  ),
])('one that is %s is not deployed', (_, change, why) => {
  const application = deployed();
  change(application);
  expect(shortcomings(application).join('\n')).toMatch(why);
});

test('hooks that have not come to a good end are told apart from those that have', () => {
  const application = deployed();
  const job = (name: string, hookPhase: string) => ({ kind: 'Job', name, hookType: 'PreSync', hookPhase });
  const resources = [job('done', 'Succeeded'), job('runs', 'Running'), { kind: 'Service', name: 'ui' }];
  set(application, { operationState: { phase: 'Running', syncResult: { resources } } });
  expect(hooks(application).map(({ name }) => name)).toEqual(['runs']);
  expect(hooks({ ...application, status: {} })).toEqual([]);
});

const part = (status: string) => ({
  group: 'apps',
  kind: 'Deployment',
  namespace: 'shop',
  name: 'ui',
  status,
});

function set(application: Application, status: Application['status']): void {
  application.status = { ...application.status, ...status };
}

import { expect, test } from 'vitest';
import type { Kubectl } from '../kubectl/kubectl.ts';
import type { Application } from './application.ts';
import { endOutdated } from './outdated.ts';
import type { Pod } from './workload.ts';

const source = (image: string) => ({
  ...{ repoURL: 'https://github.com/acme/product', path: 'deploy', targetRevision: 'v1' },
  kustomize: { images: [image] },
});
const hook = { kind: 'Job', namespace: 'shop', name: 'migration', hookType: 'PreSync', hookPhase: 'Running' };

/** A sync of `product:v9` waits for its migration, and the pin says `product:v1` now. */
const stuck = (): Application => ({
  ...{ apiVersion: 'argoproj.io/v1alpha1', kind: 'Application' },
  metadata: { name: 'product', namespace: 'argocd' },
  spec: { source: source('product:v1') },
  status: {
    sync: { status: 'OutOfSync', revision: 'a', comparedTo: { source: source('product:v1') } },
    operationState: {
      phase: 'Running',
      syncResult: { revision: 'a', source: source('product:v9'), resources: [hook] },
    },
  },
});
const pod = (state: object, restartCount = 0): Pod => ({
  ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'migration-x', namespace: 'shop' } },
  status: { containerStatuses: [{ name: 'migration', restartCount, state }] },
});
const pulling = pod({ waiting: { reason: 'ImagePullBackOff' } });

async function ended(application: Application, pods: Pod[]) {
  const asked: unknown[] = [];
  const cluster = {
    async list(resource: string, scope: object) {
      expect([resource, scope]).toEqual(['pods', { namespace: 'shop', selector: 'job-name=migration' }]);
      return pods;
    },
    patch: async (...args: unknown[]) => void asked.push(args),
  } as unknown as Kubectl;
  return { said: await endOutdated(cluster, application), asked };
}

test('a sync of an earlier pin that waits for an image is ended, and it is said', async () => {
  const { said, asked } = await ended(stuck(), [pulling]);
  const patch = { status: { operationState: { phase: 'Terminating' } } };
  expect(asked).toEqual([['applications.argoproj.io', ['product'], patch, 'argocd']]);
  expect(said).toMatch(
    /^Application product: a sync of what it said before waited for Job shop\/migration, /,
  );
});

test('so is one of an earlier commit of the same branch', async () => {
  const application = stuck();
  const { sync, operationState } = application.status ?? {};
  if (sync) sync.revision = 'b';
  if (operationState?.syncResult) operationState.syncResult.source = source('product:v1');
  expect((await ended(application, [pulling])).said).toBeDefined();
});

type Change = (application: Application) => void;
const operation =
  (change: object): Change =>
  ({ status }) =>
    Object.assign(status?.operationState ?? {}, change);
const result =
  (change: object): Change =>
  ({ status }) =>
    Object.assign(status?.operationState?.syncResult ?? {}, change);

test.each<[string, Pod[], Change]>([
  ['runs its migration', [pod({ running: {} })], () => {}],
  ['has run it once and begins again', [pod({ waiting: { reason: 'CrashLoopBackOff' } }, 1)], () => {}],
  ['has run it in one pod of two', [pulling, pod({ terminated: { exitCode: 1 } })], () => {}],
  ['is of what the Application says now', [pulling], result({ source: source('product:v1') })],
  ['waits for no hook', [pulling], result({ resources: [] })],
  ['is over', [pulling], operation({ phase: 'Failed' })],
  [
    'is of a pin that Argo CD has not looked at yet',
    [pulling],
    ({ status }) => Object.assign(status?.sync ?? {}, { comparedTo: { source: source('product:v9') } }),
  ],
])('a sync that %s is left alone', async (_, pods, change) => {
  const application = stuck();
  change(application);
  expect(await ended(application, pods)).toEqual({ said: undefined, asked: [] });
});

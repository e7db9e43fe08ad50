import { expect, test } from 'vitest';
import {
  type Event,
  explainWorkload,
  isReady,
  type Pod,
  troubled,
  unfinished,
  type Workload,
} from './workload.ts';

const workload = (status: Workload['status'], spec: Workload['spec'] = { replicas: 2 }): Workload => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'ui', namespace: 'shop', generation: 3 },
  spec: { selector: { matchLabels: { app: 'ui' } }, ...spec },
  ...(status && { status }),
});

const job = (
  conditions: { type: string; status: string; reason?: string; message?: string }[],
): Workload => ({
  ...{ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'migration', namespace: 'shop' } },
  spec: { selector: { matchLabels: { job: 'migration' } } },
  status: { conditions },
});

test.each<[string, Workload, string | undefined]>([
  ['all available', workload({ observedGeneration: 3, updatedReplicas: 2, availableReplicas: 2 }), undefined],
  ['never looked at', workload(undefined), 'its rollout has not begun'],
  [
    'looked at before the change',
    workload({ observedGeneration: 2, updatedReplicas: 2, availableReplicas: 2 }),
    'its rollout has not begun',
  ],
  [
    'half updated',
    workload({ observedGeneration: 3, updatedReplicas: 1, availableReplicas: 2 }),
    '1 of 2 pods are of the new version',
  ],
  [
    'half available',
    workload({ observedGeneration: 3, updatedReplicas: 2, availableReplicas: 1 }),
    '1 of 2 pods are available',
  ],
  ['scaled to none', workload({ observedGeneration: 3 }, { replicas: 0 }), undefined],
  [
    'a DaemonSet on two of three nodes',
    workload(
      { observedGeneration: 3, desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 2 },
      {},
    ),
    '2 of 3 pods are available',
  ],
  ['a Job that runs', job([]), 'it has not come to its end'],
  ['a Job that failed', job([{ type: 'Failed', status: 'True' }]), 'it has not come to its end'],
  ['a Job that is done', job([{ type: 'Complete', status: 'True' }]), undefined],
])('%s', (_, each, reason) => {
  expect(unfinished(each)).toBe(reason);
});

const pod = (name: string, status: Pod['status'], labels: Record<string, string> = { app: 'ui' }): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', labels },
  ...(status && { status }),
});
const event = (
  name: string,
  message: string,
  type = 'Warning',
  lastTimestamp = '2026-11-23T08:00:00Z',
): Event => ({
  ...{ apiVersion: 'v1', kind: 'Event', metadata: { name: `${name}.1`, namespace: 'shop' } },
  ...{ type, reason: 'Failed', message, lastTimestamp },
  involvedObject: { kind: 'Pod', namespace: 'shop', name },
});

test('what the controller, the pods, their containers and the last warnings say', () => {
  const broken = workload({
    conditions: [
      {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'not enough pods',
      },
      { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated' },
      { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'exceeded quota' },
    ],
  });
  const ready = { conditions: [{ type: 'Ready', status: 'True' }] };
  const pods = [
    pod('ui-1', {
      containerStatuses: [
        { name: 'ui', state: { waiting: { reason: 'ImagePullBackOff', message: 'back-off\n pulling' } } },
        { name: 'proxy', ready: true },
      ],
    }),
    pod('ui-2', {
      initContainerStatuses: [{ name: 'migrate', state: { terminated: { exitCode: 0 } } }],
      containerStatuses: [
        {
          name: 'ui',
          restartCount: 4,
          state: { waiting: { reason: 'CrashLoopBackOff' } },
          lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
        },
      ],
    }),
    pod('ui-3', ready),
    pod('stranger-1', { phase: 'Pending' }, { app: 'stranger' }),
  ];
  const events = [
    event('ui-1', 'third', 'Warning', '2026-11-23T08:03:00Z'),
    event('ui-1', 'first', 'Warning', '2026-11-23T08:01:00Z'),
    event('ui-2', 'fourth', 'Warning', '2026-11-23T08:04:00Z'),
    event('ui-2', 'fourth', 'Warning', '2026-11-23T08:05:00Z'),
    event('ui-2', 'second', 'Warning', '2026-11-23T08:02:00Z'),
    event('ui-1', 'pulled', 'Normal', '2026-11-23T08:06:00Z'),
    event('stranger-1', 'not ours', 'Warning', '2026-11-23T08:06:00Z'),
  ];
  expect(pods.map(isReady)).toEqual([false, false, true, false]);
  expect(explainWorkload(broken, pods, events)).toEqual([
    'MinimumReplicasUnavailable: not enough pods',
    'FailedCreate: exceeded quota',
    'Pod shop/ui-1: container ui ImagePullBackOff: back-off pulling',
    'Pod shop/ui-2: container ui CrashLoopBackOff, ended with exit code 137 (OOMKilled), 4 restarts',
    'event Failed: second',
    'event Failed: third',
    'event Failed: fourth',
  ]);
});

test('a Job says why it was given up', () => {
  const why = { reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' };
  expect(explainWorkload(job([{ type: 'Failed', status: 'True', ...why }]), [], [])).toEqual([
    'BackoffLimitExceeded: Job has reached the specified backoff limit',
  ]);
});

type Containers = NonNullable<Pod['status']>['containerStatuses'];

test.each<[string, Containers, { container: string; previous: boolean }[]]>([
  ['waits for its image', [{ name: 'ui', state: { waiting: { reason: 'ImagePullBackOff' } } }], []],
  [
    'crashes',
    [{ name: 'ui', restartCount: 4, state: { waiting: { reason: 'CrashLoopBackOff' } } }],
    [{ container: 'ui', previous: true }],
  ],
  [
    'runs again after a crash',
    [{ name: 'ui', restartCount: 1, state: { running: {} } }],
    [{ container: 'ui', previous: true }],
  ],
  [
    'has just ended',
    [{ name: 'ui', restartCount: 1, state: { terminated: { exitCode: 1 } } }],
    [{ container: 'ui', previous: false }],
  ],
  ['runs and is not ready', [{ name: 'ui', state: { running: {} } }], [{ container: 'ui', previous: false }]],
  [
    'is ready beside one that is not',
    [
      { name: 'proxy', ready: true, state: { running: {} } },
      { name: 'ui', state: { running: {} } },
    ],
    [{ container: 'ui', previous: false }],
  ],
  ['has done its work', [{ name: 'migrate', state: { terminated: { exitCode: 0 } } }], []],
])('whose log may tell: a container that %s', (_, containerStatuses, expected) => {
  const all = ['ui-1', 'ui-2'].map(name => pod(name, { ...(containerStatuses && { containerStatuses }) }));
  const found = troubled(workload({}), [...all, pod('stranger', { containerStatuses: [] }, { app: 'x' })]);
  expect(found).toMatchObject(expected.map(each => ({ ...each, pod: { metadata: { name: 'ui-1' } } })));
  expect(found).toHaveLength(expected.length);
});

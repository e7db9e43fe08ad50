import { expect, test } from 'vitest';
import { healthOf, worse } from './health.ts';

const deployment = (status: object, spec: object = {}) => ({
  ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', generation: 2 } },
  spec: { replicas: 2, ...spec },
  status: { observedGeneration: 2, ...status },
});
const done = { replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
const object = (apiVersion: string, kind: string, more: object = {}, metadata: object = {}) => ({
  ...{ apiVersion, kind, metadata: { name: 'x', ...metadata } },
  ...more,
});
const job = (type: string, status: string) =>
  object('batch/v1', 'Job', { status: { conditions: [{ type, status }] } });

test.each([
  ['available', deployment(done), 'Healthy'],
  ['not seen by its controller yet', deployment({ ...done, observedGeneration: 1 }), 'Progressing'],
  ['without status', { ...deployment({}), status: undefined }, 'Progressing'],
  ['half updated', deployment({ ...done, updatedReplicas: 1 }), 'Progressing'],
  ['old pods still there', deployment({ ...done, replicas: 3 }), 'Progressing'],
  ['not available', deployment({ ...done, availableReplicas: 1 }), 'Progressing'],
  ['scaled to nothing', deployment({}, { replicas: 0 }), 'Healthy'],
  ['paused', deployment(done, { paused: true }), 'Suspended'],
  ['stuck', deployment({ conditions: [{ reason: 'ProgressDeadlineExceeded' }] }), 'Degraded'],
  ['a ClusterIP', object('v1', 'Service', { spec: { type: 'ClusterIP' } }), 'Healthy'],
  ['a balancer without address', object('v1', 'Service', { spec: { type: 'LoadBalancer' } }), 'Progressing'],
  ['an Ingress without address', object('networking.k8s.io/v1', 'Ingress'), 'Progressing'],
  ['a job that runs', object('batch/v1', 'Job'), 'Progressing'],
  ['a job that is through', job('Complete', 'True'), 'Healthy'],
  ['a job that failed', job('Failed', 'True'), 'Degraded'],
  ['a job that did not fail', job('Failed', 'False'), 'Progressing'],
  [
    'a claim that waits',
    object('v1', 'PersistentVolumeClaim', { status: { phase: 'Pending' } }),
    'Progressing',
  ],
  ['a new Application', object('argoproj.io/v1alpha1', 'Application'), 'Progressing'],
  [
    'an Application that says so',
    object('argoproj.io/v1alpha1', 'Application', { status: { health: { status: 'Degraded' } } }),
    'Degraded',
  ],
  ['a ConfigMap', object('v1', 'ConfigMap'), undefined],
  [
    'a ConfigMap on its way out',
    object('v1', 'ConfigMap', {}, { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    'Progressing',
  ],
])('%s is %3$s', (_, given, status) => expect(healthOf(given)?.status).toBe(status));

test('the worst counts, and unknown is worst', () => {
  expect(worse('Healthy', 'Progressing')).toBe('Progressing');
  expect(worse('Degraded', 'Missing')).toBe('Degraded');
  expect(worse('Degraded', 'Unknown')).toBe('Unknown');
});

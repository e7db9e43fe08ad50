import { expect, test } from 'vitest';
import type { Kubectl } from '../kubectl/kubectl.ts';
import type { Runner } from '../runner/runner.ts';
import type { Application } from './application.ts';
import { NotInTime } from './ladder.ts';
import { settle } from './settle.ts';

test('what is known of the Applications is on the page of the run also when they are not ready in time', async () => {
  const root = {
    ...{ apiVersion: 'argoproj.io/v1alpha1', kind: 'Application' },
    metadata: { name: 'root', namespace: 'argocd' },
    status: { sync: { status: 'OutOfSync', revision: 'v1' }, health: { status: 'Degraded' } },
  } as Application;
  const node = { kind: 'Node', metadata: { name: 'a' } };
  const ready = { ...node, status: { conditions: [{ type: 'Ready', status: 'True' }] } };
  const cluster = {
    list: async (resource: string) =>
      resource === 'nodes' ? [ready] : resource.startsWith('applications') ? [structuredClone(root)] : [],
    annotate: async () => {},
  } as unknown as Kubectl;
  const page: string[] = [];
  const runner = {
    progress: () => {},
    summary: async (text: string) => page.push(text),
  } as unknown as Runner;
  const reach = { environment: 'staging', until: 'applications', hosts: [] } as const;
  const wait = settle(runner, cluster, { manifests: [], root }, reach, { minutes: 1, at: 0, pause: 1 });
  await expect(wait).rejects.toBeInstanceOf(NotInTime);
  expect(page).toEqual([expect.stringContaining('| root | OutOfSync, Degraded | v1 |')]);
});

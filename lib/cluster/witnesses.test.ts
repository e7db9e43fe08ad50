import { expect, test } from 'vitest';
import { type Kubectl, KubernetesError } from '../kubectl/kubectl.ts';
import { testimony, witnesses } from './witnesses.ts';
import type { Pod, Workload } from './workload.ts';

const metadata = (name: string) => ({ name, namespace: 'shop', labels: { app: 'ui' }, generation: 1 });
const workload: Workload = {
  ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: metadata('ui') },
  spec: { replicas: 2, selector: { matchLabels: { app: 'ui' } } },
  status: { observedGeneration: 1, updatedReplicas: 2, availableReplicas: 0 },
};
const crashing = (name: string): Pod => ({
  ...{ apiVersion: 'v1', kind: 'Pod', metadata: metadata(name) },
  status: {
    containerStatuses: [
      {
        ...{ name: 'ui', restartCount: 3, state: { waiting: { reason: 'CrashLoopBackOff' } } },
        lastState: { terminated: { exitCode: 1, reason: 'Error' } },
      },
    ],
  },
});

/** A cluster with these pods, whose logs are what `write` gives. */
const cluster = (pods: Pod[], write: () => string[]): Kubectl =>
  ({
    list: async (resource: string) => (resource === 'pods' ? pods : resource === 'events' ? [] : [workload]),
    logs: async () => write(),
  }) as unknown as Kubectl;

async function told(write: () => string[]): Promise<string[]> {
  const fake = cluster([crashing('ui-1'), crashing('ui-2')], write);
  return testimony(fake, workload, await witnesses(fake, 'shop'));
}
const states = ['ui-1', 'ui-2'].map(
  name => `Pod shop/${name}: container ui CrashLoopBackOff, ended with exit code 1 (Error), 3 restarts`,
);

test('what a crashing container wrote last is told once, and not at length', async () => {
  const lines = ['0', '1', '2', '3', '4', `Error: no DATABASE_URL ${'x'.repeat(300)}`];
  expect(await told(() => lines)).toEqual([
    '0 of 2 pods are available',
    ...states,
    ...['1', '2', '3', '4'].map(line => `ui wrote: ${line}`),
    expect.stringMatching(/^ui wrote: Error: no DATABASE_URL x+…$/),
  ]);
});

test('a log that cannot be read takes nothing from the rest', async () => {
  const gone = () => {
    throw new KubernetesError('Refused', 'previous terminated container "ui" in pod "ui-1" not found');
  };
  expect(await told(gone)).toEqual(['0 of 2 pods are available', ...states]);
});

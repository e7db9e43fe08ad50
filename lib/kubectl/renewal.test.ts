import { expect, test } from 'vitest';
import { CommandFailed, type Runner } from '../runner/runner.ts';
import { kubectl } from './kubectl.ts';

const refused = 'error: You must be logged in to the server (Unauthorized)';
const list = JSON.stringify({ kind: 'List', items: [] });

/** A cluster that takes what is asked only after so many renewals. */
function world(good: number) {
  const seen = { calls: 0, renewals: 0 };
  const runner = {
    folder: async () => '/nowhere',
    async run(command: string, args: string[]) {
      seen.calls++;
      await Promise.resolve();
      if (seen.renewals >= good) return { code: 0, stdout: list, stderr: '' };
      throw new CommandFailed(command, args, { code: 1, stdout: '', stderr: refused });
    },
  } as unknown as Runner;
  const renew = async () => {
    await Promise.resolve();
    seen.renewals++;
  };
  return { seen, runner, renew };
}

test('credentials that have expired are renewed once for all who are refused, and each is asked again', async () => {
  const { seen, runner, renew } = world(1);
  const cluster = kubectl(runner, 'kubeconfig', renew);
  await Promise.all(['nodes', 'pods', 'events'].map(each => cluster.list(each)));
  expect(seen).toEqual({ calls: 6, renewals: 1 });
  await cluster.list('nodes');
  expect(seen).toEqual({ calls: 7, renewals: 1 });
});

test('fresh ones that are refused too are an error, not a loop', async () => {
  const { seen, runner, renew } = world(9);
  await expect(kubectl(runner, 'kubeconfig', renew).list('nodes')).rejects.toMatchObject({
    reason: 'Unauthorized',
  });
  expect(seen).toEqual({ calls: 2, renewals: 1 });
});

test('those that the user gave are theirs to renew, and one sentence says so', async () => {
  const { seen, runner } = world(1);
  await expect(kubectl(runner, 'kubeconfig').list('nodes')).rejects.toThrow(
    'Could not list nodes: the cluster does not accept the kubeconfig\'s credentials (401), which may have expired: give a fresh one as the input "kubeconfig", or leave it out and one is asked of Exoscale',
  );
  expect(seen.calls).toBe(1);
});

test('who cannot renew says why', async () => {
  const { runner } = world(1);
  const cluster = kubectl(runner, 'kubeconfig', () => Promise.reject(new Error('Exoscale refuses the key')));
  await expect(cluster.list('nodes')).rejects.toThrow('Exoscale refuses the key');
});

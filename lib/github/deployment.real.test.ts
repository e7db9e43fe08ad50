import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestHub, testHub } from '../../sandbox/github/testing.ts';
import { deployment, succeeded } from './deployment.ts';

let hub: TestHub;
beforeAll(async () => {
  hub = await testHub();
});
afterAll(() => hub?.[Symbol.asyncDispose]());

async function deployable(name: string) {
  const all = await hub.seeded(name);
  const sha = (await all.people.head()) ?? '';
  const { repos } = all.octokit.rest;
  const run = (id: number) => `https://github.com/acme/${name}/actions/runs/${id}`;
  return {
    ...{ ...all, sha, run },
    begin: (id: number, environment = 'staging', description = 'Two created') =>
      deployment(all.octokit, { repository: all.slug, sha, environment, runUrl: run(id), description }),
    told: (id: number) =>
      succeeded(all.octokit, {
        ...{ repository: all.slug, sha, environment: 'staging', runUrl: run(id), description: 'Done' },
      }),
    /** What GitHub itself does for a job with `environment:`, as the job begins. */
    async byGitHub(id: number, environment = 'staging') {
      const { data } = await repos.createDeployment({
        ...{ ...all.place, ref: sha, environment, auto_merge: false, required_contexts: [], payload: {} },
      });
      if (!('id' in data)) throw new Error('merged instead');
      await repos.createDeploymentStatus({
        ...{ ...all.place, deployment_id: data.id, state: 'in_progress', log_url: `${run(id)}/job/7` },
      });
    },
    async records() {
      const { data } = await repos.listDeployments({ ...all.place });
      return Promise.all(
        data.map(async ({ id, sha: of, environment }) => {
          const statuses = (await repos.listDeploymentStatuses({ ...all.place, deployment_id: id })).data;
          return {
            of,
            environment,
            states: statuses.map(({ state }) => state),
            logs: statuses.map(({ log_url }) => log_url),
          };
        }),
      );
    },
  };
}

test('a record is in progress, then a success that retires the one before; a failure retires nothing', async () => {
  const { begin, records, run, sha } = await deployable('life');
  const first = await begin(1);
  expect(await records()).toMatchObject([
    { of: sha, environment: 'staging', states: ['in_progress'], logs: [run(1)] },
  ]);
  await first('success');
  await (await begin(2))('failure');
  expect((await records()).map(({ states }) => states)).toEqual([
    ['failure', 'in_progress'],
    ['success', 'in_progress'],
  ]);
  await (await begin(3))('success');
  expect((await records()).map(({ states }) => states[0])).toEqual(['success', 'failure', 'inactive']);
});

test('what a run could not end is a success when all is done; what has succeeded, also before another, or is of others, is left alone', async () => {
  const { begin, byGitHub, told, records } = await deployable('told');
  await (await begin(1))('failure');
  await begin(2);
  await byGitHub(3);
  const states = async () => (await records()).map(each => each.states);
  for (const id of [1, 2]) await told(id);
  expect(await states()).toEqual([
    ['in_progress'],
    ['success', 'in_progress'],
    ['inactive', 'success', 'failure', 'in_progress'],
  ]);
  const before = hub.server.requests.length;
  for (const id of [1, 2, 3, 4]) await told(id);
  expect(hub.writes(before)).toEqual([]);
});

test("where GitHub made a record for the job itself, there is no second one, and its status is GitHub's to set", async () => {
  const { begin, byGitHub, records } = await deployable('own');
  await byGitHub(1);
  await byGitHub(12);
  const before = hub.server.requests.length;
  await (await begin(1))('success');
  expect(hub.writes(before)).toEqual([]);
  expect(await records()).toHaveLength(2);
  await byGitHub(2, 'production');
  await (await begin(2, 'staging'))('success');
  expect((await records()).map(({ environment }) => environment)).toEqual([
    'staging',
    'production',
    'staging',
    'staging',
  ]);
});

test('a run that was killed goes on with its record, and a lost answer makes no second one', async () => {
  const { begin, records } = await deployable('killed');
  await begin(1);
  await (await begin(1))('success');
  expect((await records()).map(({ states }) => states)).toEqual([['success', 'in_progress', 'in_progress']]);
  hub.server.faults.schedule(
    { method: 'POST', path: '/deployments$', effect: { kind: 'reset-after' } },
    { method: 'POST', path: '/statuses$', effect: { kind: 'truncate' } },
  );
  await (await begin(2))('success');
  expect(await records()).toHaveLength(2);
});

test('a long description is cut to what GitHub takes', async () => {
  const { begin } = await deployable('long');
  await (await begin(1, 'staging', '😀'.repeat(139)))('success');
});

test('a token that may not is told what it lacks', async () => {
  const { begin } = await deployable('refused');
  const body = { message: 'Resource not accessible by integration' };
  hub.server.faults.schedule({
    method: 'POST',
    path: '/deployments$',
    effect: { kind: 'status', status: 403, body },
  });
  await expect(begin(1)).rejects.toThrow(/may not write deployments .*permissions: \{ deployments: write \}/);
});

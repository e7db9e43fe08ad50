import { expect, test } from 'vitest';
import type { Conclusion } from '../github/workflow-runs.ts';
import { concurrency } from './concurrency.ts';
import { derive } from './derive.ts';
import type { Leaf } from './leaf.ts';
import { type Case, played } from './played.ts';

const dispatched = (inputs: Record<string, string>) => ({ name: 'workflow_dispatch', payload: { inputs } });
const announced = { name: 'repository_dispatch', payload: { client_payload: { service: 'ui' } } };
const pulled = { pull_request: { number: 1, head: { repo: { full_name: 'acme/platform' } } } };

test.each<[string, Case, Conclusion, string[]]>([
  [
    'a merge',
    { file: 'deploy.yml' },
    'success',
    [
      ...['staging / deploy: success', 'production / deploy: success'],
      ...['promote / first: skipped', 'promote / next: success'],
    ],
  ],
  [
    'a merge that fails in staging',
    { file: 'deploy.yml', ends: { 'staging / deploy': 'failure' } },
    'failure',
    ['staging / deploy: failure', 'production: skipped', 'promote: skipped'],
  ],
  [
    'another branch',
    { file: 'deploy.yml', event: { ...dispatched({}), ref: 'refs/heads/x' } },
    'skipped',
    ['staging: skipped', 'production: skipped', 'promote: skipped'],
  ],
  [
    'a pull request',
    { file: 'plan.yml', event: { name: 'pull_request', payload: pulled } },
    'success',
    ['production / plan: success', 'staging / plan: success', 'validate: success'],
  ],
  [
    'a fork’s',
    {
      file: 'plan.yml',
      event: {
        name: 'pull_request',
        payload: { pull_request: { head: { repo: { full_name: 'eve/platform' } } } },
      },
    },
    'success',
    ['production / plan: skipped', 'staging / plan: skipped', 'validate: success'],
  ],
  ['an image', { file: 'promote.yml', event: announced }, 'success', ['first: success', 'next: success']],
  [
    'an image that cannot be promoted',
    { file: 'promote.yml', event: announced, ends: { first: 'failure' } },
    'failure',
    ['first: failure', 'next: skipped'],
  ],
  [
    'a night in which nobody can look at staging’s state',
    { file: 'drift.yml', event: { name: 'schedule' }, ends: { 'staging / terraform': 'failure' } },
    'failure',
    [
      ...['staging / terraform: failure', 'staging / cluster: success'],
      ...['production / terraform: success', 'production / cluster: success'],
    ],
  ],
])('%s: which jobs of our workflows run', async (_, wish, conclusion, jobs) => {
  const result = await played(wish);
  expect([result.conclusion, result.jobs.toSorted()]).toEqual([conclusion, jobs.toSorted()]);
});

test('a dispatch says to one environment what it says, as booleans; each has the secrets of its own', async () => {
  const event = dispatched({ 'accept-changes': 'production', recover: 'true' });
  const secrets = (environment?: string) => (environment ? { KEY: environment } : {});
  const { leaves } = await played({ file: 'deploy.yml', event, secrets });
  const deploys = leaves.filter(({ id }) => id === 'deploy');
  expect(
    deploys.map(({ called, secrets: given, environment }) => ({ ...called, ...given, ...environment })),
  ).toEqual([
    {
      environment: 'staging',
      'accept-changes': false,
      recover: true,
      KEY: 'staging',
      name: 'staging',
      isDeployment: true,
    },
    {
      environment: 'production',
      'accept-changes': true,
      recover: true,
      KEY: 'production',
      name: 'production',
      isDeployment: true,
    },
  ]);
});

test('act is given the file without what it knows nothing of, and the rest as it is', async () => {
  const { leaves } = await played({ file: 'plan.yml', event: { name: 'pull_request', payload: pulled } });
  const leaf = leaves.find(({ environment }) => environment?.name === 'staging-plan') as Leaf;
  expect(leaf.environment).toEqual({ name: 'staging-plan', isDeployment: false });
  const { jobs } = JSON.parse(derive(leaf, 'pull_request')['called.yml'] ?? '');
  expect(Object.keys(jobs.plan).sort()).toEqual(['permissions', 'runs-on', 'steps', 'timeout-minutes']);
  expect(jobs.plan.steps).toEqual(leaf.job.steps);
});

const one = (job: object, extra: object = {}) => ({
  file: 'x.yml',
  files: {
    '.github/workflows/x.yml': JSON.stringify({ on: 'push', jobs: { a: { steps: [] }, b: job }, ...extra }),
  },
});

test.each<[string, object, Conclusion, string[]]>([
  ['what needs a failure is skipped', { needs: 'a', steps: [] }, 'failure', ['a: failure', 'b: skipped']],
  [
    'unless it always runs',
    { needs: 'a', if: 'always()', steps: [] },
    'failure',
    ['a: failure', 'b: success'],
  ],
  [
    'or waits for one',
    { needs: ['a'], if: '${{ failure() }}', steps: [] },
    'failure',
    ['a: failure', 'b: success'],
  ],
  [
    'or asks how it ended',
    { needs: 'a', if: "!cancelled() && needs.a.result == 'failure'", steps: [] },
    'failure',
    ['a: failure', 'b: success'],
  ],
])('%s', async (_, job, conclusion, jobs) => {
  const result = await played({ ...one(job), ends: { a: 'failure' } });
  expect([result.conclusion, result.jobs]).toEqual([conclusion, jobs]);
});

const chain = (extra: object, jobs: Record<string, object>) => ({
  file: 'x.yml',
  files: { '.github/workflows/x.yml': JSON.stringify({ on: 'push', ...extra, jobs }) },
});
const steps: never[] = [];

test.each<[string, Record<string, object>, Partial<Case>, string[]]>([
  [
    'one skipped above another that runs skips all below that do not say otherwise',
    {
      a: { if: 'false', steps },
      b: { needs: 'a', if: 'always()', steps },
      c: { needs: 'b', steps },
      d: { needs: 'b', if: "!cancelled() && needs.b.result == 'success'", steps },
    },
    {},
    ['a: skipped', 'b: success', 'c: skipped', 'd: success'],
  ],
  [
    'one failed above another is a failure for all below',
    {
      a: { steps },
      b: { needs: 'a', if: 'always()', steps },
      c: { needs: 'b', steps },
      d: { needs: 'b', if: 'failure()', steps },
    },
    { ends: { a: 'failure' } },
    ['a: failure', 'b: success', 'c: skipped', 'd: success'],
  ],
  [
    'a job that was cancelled alone is no cancelled run',
    {
      a: { steps },
      b: { needs: 'a', if: '!cancelled()', steps },
      c: { needs: 'a', if: 'cancelled()', steps },
      d: { needs: 'a', steps },
    },
    { ends: { a: 'cancelled' } },
    ['a: cancelled', 'b: success', 'c: skipped', 'd: skipped'],
  ],
  [
    'a cancelled run starts none that asks whether it was',
    { a: { steps }, b: { needs: 'a', if: '!cancelled()', steps }, c: { needs: 'a', if: 'failure()', steps } },
    { cancelledBy: 'a' },
    ['a: cancelled', 'b: skipped', 'c: skipped'],
  ],
  [
    'and those that run whatever happens, or because it was, also when they had not begun',
    {
      a: { steps },
      b: { needs: 'a', if: 'always()', steps },
      c: { needs: 'a', if: "${{ cancelled() && github.ref == 'refs/heads/main' }}", steps },
      d: { needs: 'b', steps },
    },
    { cancelledBy: 'a' },
    ['a: cancelled', 'b: success', 'c: success', 'd: skipped'],
  ],
  [
    'what is under way goes on where its condition holds then too',
    { a: { if: 'always()', steps }, b: { if: '!cancelled()', steps }, c: { steps } },
    { cancelledBy: 'c' },
    ['a: success', 'b: cancelled', 'c: cancelled'],
  ],
])('%s', async (_, jobs, more, expected) => {
  const result = await played({ ...chain({}, jobs), ...more });
  expect(result.jobs.toSorted()).toEqual(expected);
});

test('a cancelled run that reaches a busy group does not wait for it', async () => {
  const groups = concurrency();
  await groups.enter({ group: '1/busy' }, { cancel() {} });
  const jobs = { a: { concurrency: 'busy', steps }, b: { steps } };
  const result = await played({ ...chain({}, jobs), groups, cancelledBy: 'b' });
  expect(result.jobs).toEqual(['a: cancelled', 'b: cancelled']);
});

const calling = (job: object, called: object, extra: object = {}) => ({
  file: 'x.yml',
  files: {
    '.github/workflows/x.yml': JSON.stringify({
      ...{ on: 'push', permissions: { contents: 'read' } },
      jobs: { a: { steps }, b: { uses: './.github/workflows/called.yml', ...job } },
    }),
    '.github/workflows/called.yml': JSON.stringify({
      ...{ on: { workflow_call: null }, jobs: { one: { steps, ...called } } },
      ...extra,
    }),
  },
});

test.each<[string, Case]>([
  ['that is skipped', calling({ needs: 'a', if: 'false' }, { permissions: { contents: 'write' } })],
  ['whose own job is skipped', calling({}, { if: 'false', permissions: { contents: 'write' } })],
  ['by its workflow', calling({ if: 'false' }, {}, { permissions: { contents: 'write' } })],
])('a called job %s and asks for more than its caller has keeps the run from starting', async (_, wish) => {
  await expect(played(wish)).rejects.toThrow(
    "one is requesting 'contents: write', but is only allowed 'contents: read'",
  );
});

test('a called job that asks for nothing has what its caller has', async () => {
  const { leaves } = await played(calling({ permissions: { issues: 'write' } }, {}));
  expect(leaves.find(({ id }) => id === 'one')?.grants).toEqual({ issues: 'write' });
});

test('a workflow that calls itself is refused', async () => {
  const wish = calling({}, { steps: undefined, uses: './.github/workflows/called.yml' });
  await expect(played(wish)).rejects.toThrow('.github/workflows/called.yml calls itself');
});

test.each<[string, object, RegExp]>([
  ['a job that is none', { needs: 'c', steps: [] }, /b needs c, which is no job/],
  ['a circle', { needs: 'b', steps: [] }, /b needs b, which needs it/],
  ['outputs', { outputs: { x: '1' }, steps: [] }, /does not hand on the outputs of b/],
  ['somebody else’s workflow', { uses: 'acme/other/.github/workflows/x.yml@v1' }, /is not in this commit/],
  [
    'a matrix that is added to',
    { strategy: { matrix: { include: [{ x: 1 }] } }, steps: [] },
    /does not expand "include"/,
  ],
])('%s is refused in words', async (_, job, sentence) => {
  await expect(played(one(job))).rejects.toThrow(sentence);
});

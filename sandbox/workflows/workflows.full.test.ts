import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { storeSecret } from '../github/testing.ts';
import type { WorkflowRun } from '../github/workflow-runs.ts';
import { logs, workflowWorld } from './testing.ts';

/* A repository with workflows of its own, run by act: what starts what, with which inputs, secrets and tokens. */

const checkout = 'actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2';
const files: Record<string, string> = {
  'README.md': 'Toy\n',
  '.github/workflows/push.yml': `
name: push
on:
  push: { branches: [main], paths: ['src/**'] }
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: ${checkout}
      - run: cat src/hello; git log -1 --format=%H
      - run: |
          echo made > made.txt
          git add --all
          git -c user.name=a -c user.email=a@example.com commit --quiet --message Made
          git push --quiet origin HEAD:refs/heads/made`,
  '.github/workflows/made.yml': `
on: { push: { branches: [made] } }
jobs: { never: { runs-on: ubuntu-latest, steps: [{ run: 'true' }] } }`,
  '.github/workflows/pull.yml': `
name: pull
on: pull_request
jobs:
  plan:
    if: github.event.pull_request.head.repo.full_name == github.repository
    runs-on: ubuntu-latest
    strategy: { matrix: { environment: [staging, production] } }
    environment: { name: '\${{ matrix.environment }}-plan', deployment: false }
    steps:
      - uses: ${checkout}
        with: { persist-credentials: false }
      - run: cat topic; git config --get-regexp extraheader || echo no credentials
      - run: echo "key of \${{ matrix.environment }} is $(printf %s "$KEY" | tr a-z A-Z), and DEPLOYS is [$DEPLOYS]"
        env: { KEY: '\${{ secrets.KEY }}', DEPLOYS: '\${{ secrets.DEPLOYS }}' }`,
  '.github/workflows/deploy.yml': `
name: deploy
on:
  workflow_dispatch:
    inputs:
      where: { type: choice, options: [nothing, staging], default: nothing }
      fail: { type: boolean, default: false }
jobs:
  staging:
    if: github.ref == 'refs/heads/main'
    uses: ./.github/workflows/one.yml
    with: { environment: staging, careful: "\${{ inputs.where == 'staging' }}", fail: '\${{ inputs.fail }}' }
    secrets: inherit
  after:
    needs: staging
    runs-on: ubuntu-latest
    steps: [{ run: echo after }]`,
  '.github/workflows/long.yml': `
name: long
on: repository_dispatch
jobs:
  sleep:
    runs-on: ubuntu-latest
    steps:
      - run: echo \${{ github.event.client_payload.who }}; sleep 600
      - run: echo not any more
      - { if: always(), run: echo tidied up }
  after: { needs: sleep, runs-on: ubuntu-latest, steps: [{ run: 'true' }] }
  foreign: { runs-on: ubuntu-latest, steps: [{ uses: acme/other@v1 }] }`,
  '.github/workflows/one.yml': `
on:
  workflow_call:
    inputs:
      environment: { type: string, required: true }
      careful: { type: boolean, default: false }
      fail: { type: boolean, default: false }
jobs:
  deploy:
    runs-on: ubuntu-latest
    environment: \${{ inputs.environment }}
    concurrency: { group: 'environment-\${{ inputs.environment }}', queue: max, cancel-in-progress: false }
    steps:
      - run: echo "careful is \${{ inputs.careful }}, by \${{ github.event_name }}"
      - run: test "$KEY" = staging-key
        env: { KEY: '\${{ secrets.KEY }}' }
      - run: echo state > state.txt
      - if: inputs.fail
        run: echo it broke; exit 3
      - if: always()
        uses: actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f # v7.0.0
        with: { name: state, path: state.txt, if-no-files-found: error }`,
};

const [owner, repo] = ['acme', 'toy'];
const world = await workflowWorld(`${owner}/${repo}`, files);
const { hub, people, as, until, ended } = world;
const api = () => as('octocat').rest;

beforeAll(async () => {
  people.administer('octocat');
  const store = (environment_name: string, name: string, value: string) =>
    storeSecret(as('octocat'), { owner, repo, environment_name }, name, value);
  for (const name of ['staging', 'staging-plan', 'production-plan']) await store(name, 'KEY', `${name}-key`);
  await store('staging', 'DEPLOYS', 'all of it');
});
afterAll(() => world[Symbol.asyncDispose]());

test('a push starts what waits for its branch and paths; what a workflow pushes starts nothing', async () => {
  const sha = await people.commit({ files: { 'src/hello': 'hello\n' }, message: 'Hello' });
  const [pushed] = await ended('push');
  expect(pushed, JSON.stringify(pushed)).toMatchObject({
    event: 'push',
    branch: 'main',
    sha,
    conclusion: 'success',
  });
  expect(logs(pushed as WorkflowRun).build).toEqual(expect.arrayContaining(['hello', sha]));
  expect(await people.file('made.txt', 'made')).toBe('made\n');
  await people.commit({ files: { 'README.md': 'Other\n' }, message: 'Nothing of src' });
  expect(people.workflowRuns().filter(({ event }) => event === 'push')).toHaveLength(1);
});

test('a pull request is checked out as its merge, each combination with the secrets of its environment', async () => {
  await people.commit({ files: { topic: 'topic\n' }, message: 'Topic', branch: 'topic' });
  const number = await people.openPullRequest({ head: 'topic', title: 'Topic' });
  const [pulled] = await ended('pull');
  expect(logs(pulled as WorkflowRun)).toMatchObject({
    'plan (staging)': expect.arrayContaining([
      'topic',
      'no credentials',
      'key of staging is STAGING-PLAN-KEY, and DEPLOYS is []',
    ]),
    'plan (production)': expect.arrayContaining([
      'key of production is PRODUCTION-PLAN-KEY, and DEPLOYS is []',
    ]),
  });
  await people.commit({ files: { topic: 'more\n' }, message: 'More', branch: 'topic' });
  const [, again] = await ended('pull', 2);
  expect(again).toMatchObject({ conclusion: 'success', sha: await people.head('topic') });
  expect((await api().pulls.get({ owner, repo, pull_number: number })).data.state).toBe('open');
});

test('a run that is cancelled is broken off, and what always runs still does; an action that nothing here plays is told', async () => {
  await api().repos.createDispatchEvent({ owner, repo, event_type: 'any', client_payload: { who: 'me' } });
  const run = await until(() => people.workflowRuns().find(({ name }) => name === 'long'));
  const sleeping = await until(() => run.jobs.find(({ log }) => log.some(({ text }) => text === 'me')));
  expect(sleeping).toMatchObject({ name: 'sleep', status: 'in_progress' });
  await api().actions.cancelWorkflowRun({ owner, repo, run_id: run.id });
  await ended('long');
  expect(run.jobs.map(({ name, conclusion }) => `${name}: ${conclusion}`).sort()).toEqual([
    'after: skipped',
    'foreign: failure',
    'sleep: cancelled',
  ]);
  expect(logs(run).sleep).toContain('tidied up');
  expect(logs(run).sleep).not.toContain('not any more');
  expect(logs(run).foreign).toEqual([
    expect.stringMatching(/^Error: Nothing in the sandbox plays acme\/other@v1/),
  ]);
});

test('dispatches of one environment run one after the other, all of them; a called workflow has its inputs and secrets', async () => {
  const dispatch = (inputs: Record<string, string>) =>
    api().actions.createWorkflowDispatch({ owner, repo, workflow_id: 'deploy.yml', ref: 'main', inputs });
  await dispatch({ where: 'staging' });
  await dispatch({ fail: 'true' });
  await dispatch({});
  await expect(dispatch({ where: 'moon' })).rejects.toMatchObject({ status: 422 });
  await expect(dispatch({ who: 'me' })).rejects.toMatchObject({ status: 422 });
  await ended('deploy', 3);

  const { data } = await api().actions.listWorkflowRuns({ owner, repo, workflow_id: 'deploy.yml' });
  const runs = data.workflow_runs.toReversed();
  expect(runs.map(({ conclusion }) => conclusion)).toEqual(['success', 'failure', 'success']);
  const jobs = await Promise.all(
    runs.map(
      async ({ id }) => (await api().actions.listJobsForWorkflowRun({ owner, repo, run_id: id })).data.jobs,
    ),
  );
  expect(jobs.map(each => each.map(({ name, conclusion }) => `${name}: ${conclusion}`))).toEqual([
    ['staging / deploy: success', 'after: success'],
    ['staging / deploy: failure', 'after: skipped'],
    ['staging / deploy: success', 'after: success'],
  ]);
  const text = async (job: number) =>
    String((await api().actions.downloadJobLogsForWorkflowRun({ owner, repo, job_id: job })).data);
  const [careful, broken] = await Promise.all([text(jobs[0]?.[0]?.id ?? 0), text(jobs[1]?.[0]?.id ?? 0)]);
  expect(careful).toContain('careful is true, by workflow_dispatch');
  expect(broken).toMatch(/careful is false[\s\S]*it broke\nError: exit status 3/);
  expect(jobs[1]?.[0]?.steps?.map(({ conclusion }) => conclusion)).toContain('failure');

  // One at a time, as the deployments that GitHub records tell too.
  const { data: deployments } = await api().repos.listDeployments({ owner, repo, environment: 'staging' });
  expect(deployments).toHaveLength(3);
  const { data: artifacts } = await api().actions.listWorkflowRunArtifacts({
    owner,
    repo,
    run_id: runs[1]?.id ?? 0,
  });
  expect(artifacts.artifacts).toMatchObject([{ name: 'state', size_in_bytes: 6 }]);
  const kept = people.workflowRuns().find(({ id }) => id === runs[1]?.id)?.artifacts[0];
  expect(await readFile(join(kept?.folder ?? '', 'state.txt'), 'utf8')).toBe('state\n');
  expect(hub.complaints).toEqual([]);
});

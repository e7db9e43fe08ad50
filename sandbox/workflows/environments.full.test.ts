import { afterAll, beforeAll, expect, test } from 'vitest';
import { storeSecret } from '../github/testing.ts';
import type { WorkflowRun } from '../github/workflow-runs.ts';
import { logs, workflowWorld } from './testing.ts';

/* What stands between a job and the environment that it enters: reviewers, branches, and the place in its group. */

const [owner, repo] = ['acme', 'guarded'];
const world = await workflowWorld(`${owner}/${repo}`, {
  '.github/workflows/guarded.yml': `
name: guarded
on: workflow_dispatch
jobs:
  quiet:
    runs-on: ubuntu-latest
    environment: { name: guarded, deployment: false }
    steps:
      - run: echo "KEY is [$KEY]"
        env: { KEY: '\${{ secrets.KEY }}' }
  deploy:
    runs-on: ubuntu-latest
    environment: Guarded
    concurrency: { group: guarded, queue: max }
    steps: [{ run: echo deployed }]`,
});
const { hub, people, as, until, ended } = world;
afterAll(() => world[Symbol.asyncDispose]());

const api = () => as('octocat').rest;
const environment = { owner, repo, environment_name: 'guarded' };

// What hubot and octocat review, and main alone enters.
beforeAll(async () => {
  people.administer('octocat');
  const ids = await Promise.all(
    ['octocat', 'hubot'].map(async login => (await as(login).rest.users.getAuthenticated()).data.id),
  );
  await api().repos.createOrUpdateEnvironment({
    ...environment,
    reviewers: ids.map(id => ({ type: 'User' as const, id })),
    prevent_self_review: true,
    deployment_branch_policy: { protected_branches: false, custom_branch_policies: true },
  });
  await api().repos.createDeploymentBranchPolicy({ ...environment, name: 'main' });
});

/** A run that octocat starts. */
async function guarded(ref = 'main') {
  const runs = () => people.workflowRuns().filter(({ name }) => name === 'guarded');
  const before = runs().length;
  await api().actions.createWorkflowDispatch({ owner, repo, workflow_id: 'guarded.yml', ref });
  const run = await until(() => runs()[before]);
  const held = () => until(() => (run.pending.length === 2 ? run : undefined));
  const place = { owner, repo, run_id: run.id };
  const answer = async (login: string, state: 'approved' | 'rejected') => {
    const { rest } = as(login);
    const { data } = await rest.actions.getPendingDeploymentsForRun(place);
    const environment_ids = data.map(({ environment: { id } }) => Number(id));
    return rest.actions.reviewPendingDeploymentsForRun({ ...place, environment_ids, state, comment: 'Seen' });
  };
  return { run, held, place, answer };
}
const told = ({ jobs }: WorkflowRun) => jobs.map(each => `${each.name}: ${each.conclusion ?? each.status}`);
const states = async () => {
  const { data } = await api().repos.listDeployments({ owner, repo, environment: 'guarded' });
  const all = data
    .slice(0, 4)
    .map(({ id }) => api().repos.listDeploymentStatuses({ owner, repo, deployment_id: Number(id) }));
  return (await Promise.all(all)).map(each => each.data.map(({ state }) => state as string).reverse());
};

test('an environment holds its jobs until one of its reviewers has answered, and lets in the branches that it names', async () => {
  const first = await guarded();
  await first.held();
  expect(told(first.run).sort()).toEqual(['deploy: waiting', 'quiet: waiting']);
  const { data: waiting } = await api().actions.listWorkflowRunsForRepo({ owner, repo, status: 'waiting' });
  expect(waiting.workflow_runs.map(({ id }) => id)).toEqual([first.run.id]);
  expect((await as('hubot').rest.actions.getPendingDeploymentsForRun(first.place)).data).toMatchObject([
    {
      ...{ environment: { name: 'guarded' }, wait_timer: 0, current_user_can_approve: true },
      reviewers: [{ reviewer: { login: 'octocat' } }, { reviewer: { login: 'hubot' } }],
    },
  ]);
  // Who has started it may not let it in, and who is no reviewer may not either.
  for (const login of ['octocat', 'eve'])
    await expect(first.answer(login, 'approved')).rejects.toMatchObject({ status: 422 });
  // What it holds is stored after it was asked for: a job sees its secrets when it is let in.
  await storeSecret(as('octocat'), environment, 'KEY', 'late');
  // The second one waits for its turn in the group before it asks anybody; its other job has no group.
  const second = await guarded();
  await until(() => second.run.pending[0]);
  expect(told(second.run).sort()).toEqual(['deploy: queued', 'quiet: waiting']);

  expect((await first.answer('hubot', 'approved')).data).toMatchObject([{ environment: 'guarded' }]);
  await until(() => (first.run.status === 'completed' ? first.run : undefined));
  expect(told(first.run).sort()).toEqual(['deploy: success', 'quiet: success']);
  expect(logs(first.run).quiet).toContain('KEY is [***]');
  expect((await api().actions.getReviewsForRun(first.place)).data).toMatchObject([
    { state: 'approved', user: { login: 'hubot' }, environments: [{ name: 'guarded' }], comment: 'Seen' },
  ]);

  await second.held();
  await second.answer('hubot', 'rejected');
  await ended('guarded');
  expect(told(second.run).sort()).toEqual(['deploy: failure', 'quiet: failure']);
  expect(logs(second.run).deploy).toEqual([
    "Error: The deployment was rejected or didn't satisfy other protection rules.",
  ]);
  await expect(second.answer('hubot', 'approved')).rejects.toMatchObject({ status: 422 });

  const third = await guarded();
  await third.held();
  await api().actions.cancelWorkflowRun(third.place);
  await ended('guarded');
  expect(told(third.run).sort()).toEqual(['deploy: cancelled', 'quiet: cancelled']);

  await people.commit({ files: { other: 'x' }, message: 'Other', branch: 'topic' });
  const fourth = await guarded('topic');
  await ended('guarded');
  expect(logs(fourth.run).deploy?.[0]).toBe(
    'Error: Branch "topic" is not allowed to deploy to guarded due to environment protection rules.',
  );
  expect(await states()).toEqual([
    ['failure'],
    ['waiting', 'failure'],
    ['waiting', 'failure'],
    ['waiting', 'queued', 'in_progress', 'success'],
  ]);
  expect(hub.complaints).toEqual([]);
});

import { getOctokit } from '@actions/github';
import type { WorkflowRun } from '../../sandbox/github/workflow-runs.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';

/** Somebody who is asked lets a run go on, as with "Review deployments" on its page. */
export async function approve(
  { github }: Sandbox,
  slug: string,
  run: WorkflowRun,
  reviewer: string,
): Promise<void> {
  const [owner = '', repo = ''] = slug.split('/');
  const { rest } = getOctokit(github.token(reviewer), { baseUrl: github.url });
  const place = { owner, repo, run_id: run.id };
  const { data } = await rest.actions.getPendingDeploymentsForRun(place);
  const mine = data.filter(each => each.current_user_can_approve).map(({ environment }) => environment);
  await rest.actions.reviewPendingDeploymentsForRun({
    ...{ ...place, environment_ids: mine.map(({ id }) => Number(id)) },
    ...{ state: 'approved', comment: 'What the pull request has shown' },
  });
}

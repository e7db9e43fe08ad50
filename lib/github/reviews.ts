import { UserError } from '../runner/errors.ts';
import { failure, patiently } from './call.ts';
import type { Repository } from './repository.ts';

/** What people said to a run of a workflow that waited for environments. */
export interface Review {
  state: 'approved' | 'rejected' | 'pending';
  environments: string[];
  user: string;
}

/** https://docs.github.com/en/rest/actions/workflow-runs#get-the-review-history-for-a-workflow-run */
export async function reviewsOf({ octokit, owner, repo }: Repository, run: number): Promise<Review[]> {
  const purpose = { to: 'read the reviews of this run', needs: 'actions: read' };
  const { data } = await patiently(purpose, request =>
    octokit.rest.actions.getReviewsForRun({ owner, repo, run_id: run, request }),
  ).catch(error => {
    if (failure(error).status !== 404) throw error;
    throw new UserError(
      `The github-token sees no run ${run} of ${owner}/${repo}: give the job \`permissions: { ${purpose.needs} }\``,
    );
  });
  return data.map(({ state, environments, user }) => ({
    state,
    environments: environments.flatMap(({ name }) => name ?? []),
    user: user.login,
  }));
}

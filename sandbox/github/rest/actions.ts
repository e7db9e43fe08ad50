import { notFound } from '../errors.ts';
import { nodeId, type Schemas, user } from '../shapes/accounts.ts';
import { apiUrl, webUrl } from '../shapes/repositories.ts';
import type { Repository, Review } from '../world.ts';
import { type Api, type Params, repositoryOf } from './api.ts';

/** Runs of workflows, as far as people have reviewed them. https://docs.github.com/en/rest/actions/workflow-runs */
export function actions({ app, world }: Api): void {
  app.get<{ Params: Params & { run: string } }>(
    '/repos/:owner/:repo/actions/runs/:run/approvals',
    async request => {
      const repository = repositoryOf(world, request.params);
      const reviews = repository.runs.get(Number(request.params.run));
      if (!reviews) throw notFound();
      return reviews.map(each => reviewShape(repository, each));
    },
  );
}

const reviewShape = (repository: Repository, review: Review): Schemas['environment-approvals'] => ({
  state: review.state,
  comment: review.comment,
  environments: review.environments.map((name, index) => ({
    id: 56_780_428 + index,
    node_id: nodeId('EN', 56_780_428 + index),
    name,
    url: `${apiUrl(repository)}/environments/${encodeURIComponent(name)}`,
    html_url: `${webUrl(repository)}/deployments/activity_log?environments_filter=${encodeURIComponent(name)}`,
    created_at: repository.createdAt,
    updated_at: repository.createdAt,
  })),
  user: user(review.user),
});

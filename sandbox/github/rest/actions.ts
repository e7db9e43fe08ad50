import { Type } from 'typebox';
import { ApiError, notFound } from '../errors.ts';
import type { Environment } from '../settings.ts';
import { type Schemas, user } from '../shapes/accounts.ts';
import { deploymentShape } from '../shapes/deployments.ts';
import { environmentNames } from '../shapes/environments.ts';
import type { PendingReview, WorkflowRun } from '../workflow-runs.ts';
import type { Account, Repository, Review, World } from '../world.ts';
import { type Api, actor, body, type Params, repositoryOf } from './api.ts';
import { environmentOf } from './environments.ts';

/** Who lets jobs into environments, and who has. https://docs.github.com/en/rest/actions/workflow-runs */
export function actions({ app, world }: Api): void {
  type One = Params & { run: string };
  const one = '/repos/:owner/:repo/actions/runs/:run';
  const find = (params: One) => {
    const repository = repositoryOf(world, params);
    return { repository, run: repository.workflowRuns.find(({ id }) => id === Number(params.run)) };
  };

  app.get<{ Params: One }>(`${one}/approvals`, async request => {
    const { repository, run } = find(request.params);
    const reviews = repository.runs.get(Number(request.params.run)) ?? (run && []);
    if (!reviews) throw notFound();
    return reviews.map(each => reviewShape(repository, each));
  });

  app.get<{ Params: One }>(`${one}/pending_deployments`, async request => {
    const { repository, run } = find(request.params);
    if (!run) throw notFound();
    return asked(repository, run).map(environment => ({
      environment: environmentNames(repository, environment),
      wait_timer: environment.waitTimer,
      wait_timer_started_at: null,
      current_user_can_approve: mayReview(environment, run, actor(request)),
      reviewers: accounts(world, environment).map(each => ({ type: 'User' as const, reviewer: user(each) })),
    })) satisfies Schemas['pending-deployment'][];
  });

  app.post<{ Params: One; Body: NewReview }>(`${one}/pending_deployments`, newReview, async request => {
    const { repository, run } = find(request.params);
    if (!run) throw notFound();
    const { environment_ids: ids, state, comment } = request.body;
    const by = actor(request);
    const environments = asked(repository, run).filter(({ id }) => ids.includes(id));
    if (environments.length === 0 || environments.length < new Set(ids).size)
      throw new ApiError(422, 'No pending deployment requests to approve or reject');
    if (!environments.every(each => mayReview(each, run, by)))
      throw new ApiError(422, `${by.login} may not review deployments to all of these environments`);
    const names = environments.map(({ name }) => name);
    const reviews = repository.runs.get(run.id) ?? [];
    repository.runs.set(run.id, [...reviews, { state, environments: names, user: by, comment }]);
    const answered = run.pending.filter(({ environment }) => names.includes(environment));
    for (const each of answered) each.answer(state);
    return answered.flatMap(({ deployment }: PendingReview) =>
      deployment ? [deploymentShape(repository, deployment)] : [],
    );
  });
}

interface NewReview {
  environment_ids: number[];
  state: 'approved' | 'rejected';
  comment: string;
}

const newReview = body({
  environment_ids: Type.Array(Type.Integer()),
  state: Type.Enum(['approved', 'rejected']),
  comment: Type.String(),
});

/** The environments that hold a run, each once. */
const asked = (repository: Repository, { pending }: WorkflowRun): Environment[] =>
  [...new Set(pending.map(({ environment }) => environment))].map(name => environmentOf(repository, name));

/** Where it is so set, nobody answers for what they have started themselves. */
const mayReview = (
  { reviewers, preventSelfReview }: Environment,
  { actor: starter }: WorkflowRun,
  { id }: Account,
): boolean => reviewers.includes(id) && !(preventSelfReview && id === starter.id);

const accounts = ({ accounts: all }: World, { reviewers }: Environment): Account[] =>
  [...all.values()].filter(({ id }) => reviewers.includes(id));

const reviewShape = (repository: Repository, review: Review): Schemas['environment-approvals'] => ({
  state: review.state,
  comment: review.comment,
  environments: review.environments.map((name, index) => {
    const known = repository.settings.environments.get(name.toLowerCase());
    return {
      ...environmentNames(repository, known ?? { id: 56_780_428 + index, name }),
      created_at: known?.createdAt ?? repository.createdAt,
      updated_at: known?.updatedAt ?? repository.createdAt,
    };
  }),
  user: user(review.user),
});

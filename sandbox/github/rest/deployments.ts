import { Type } from 'typebox';
import { headOf } from '../branches.ts';
import { retire } from '../deploying.ts';
import { ApiError, invalid, notFound } from '../errors.ts';
import { deploymentShape, deploymentStatusShape } from '../shapes/deployments.ts';
import { type Deployment, type DeploymentStatus, now } from '../world.ts';
import {
  type Api,
  actor,
  body,
  optionalFlag,
  optionalText,
  type Params,
  page,
  repositoryOf,
  text,
} from './api.ts';

type Identified = Params & { id: string };

export function deployments({ app, world }: Api): void {
  const all = '/repos/:owner/:repo/deployments';

  app.get<{
    Params: Params;
    Querystring: { environment?: string; sha?: string; ref?: string; task?: string };
  }>(all, async (request, reply) => {
    const repository = repositoryOf(world, request.params);
    const wanted = Object.entries(request.query).filter(([key]) =>
      ['environment', 'sha', 'ref', 'task'].includes(key),
    );
    const found = repository.deployments.filter(each =>
      wanted.every(([key, value]) => each[key as 'environment'] === value),
    );
    return page(request, reply, found.reverse()).map(each => deploymentShape(repository, each));
  });

  app.post<{ Params: Params; Body: NewDeployment }>(all, newDeployment, async (request, reply) => {
    const repository = repositoryOf(world, request.params);
    const wish = request.body;
    const sha = (await headOf(repository, wish.ref)) ?? (await repository.objects.commitOf(wish.ref));
    if (!sha) throw new ApiError(422, `No ref found for: ${wish.ref}`);
    if ((wish.description ?? '').length > 140)
      throw invalid('Deployment', 'description', 'description is too long');
    // Without an empty list GitHub demands that every status of the commit has succeeded.
    const contexts = wish.required_contexts ?? [
      ...new Set(repository.statuses.filter(s => s.sha === sha).map(s => s.context)),
    ];
    const failing = contexts.filter(
      context =>
        repository.statuses.findLast(s => s.sha === sha && s.context === context)?.state !== 'success',
    );
    if (failing.length > 0) throw new ApiError(409, `Conflict: Commit status checks failed for ${wish.ref}.`);
    const { payload = {} } = wish;
    const deployment: Deployment = {
      id: world.nextId(),
      sha,
      ref: wish.ref,
      task: wish.task ?? 'deploy',
      environment: wish.environment ?? 'production',
      description: wish.description ?? null,
      payload: typeof payload === 'string' ? JSON.parse(payload || '{}') : payload,
      transient: wish.transient_environment ?? false,
      production: wish.production_environment ?? wish.environment === 'production',
      creator: actor(request),
      createdAt: now(),
      statuses: [],
    };
    repository.deployments.push(deployment);
    return reply.code(201).send(deploymentShape(repository, deployment));
  });

  app.get<{ Params: Identified }>(`${all}/:id`, async request => {
    const repository = repositoryOf(world, request.params);
    return deploymentShape(repository, find(repository.deployments, request.params.id));
  });

  app.get<{ Params: Identified }>(`${all}/:id/statuses`, async (request, reply) => {
    const repository = repositoryOf(world, request.params);
    const deployment = find(repository.deployments, request.params.id);
    return page(request, reply, deployment.statuses.toReversed()).map(status =>
      deploymentStatusShape(repository, deployment, status),
    );
  });

  app.post<{ Params: Identified; Body: NewDeploymentStatus }>(
    `${all}/:id/statuses`,
    newDeploymentStatus,
    async (request, reply) => {
      const repository = repositoryOf(world, request.params);
      const deployment = find(repository.deployments, request.params.id);
      const wish = request.body;
      if ((wish.description ?? '').length > 140) {
        throw invalid(
          'DeploymentStatus',
          'description',
          'description is too long (maximum is 140 characters)',
        );
      }
      const status: DeploymentStatus = {
        id: world.nextId(),
        state: wish.state,
        description: wish.description ?? '',
        environment: wish.environment ?? deployment.environment,
        environmentUrl: wish.environment_url ?? '',
        logUrl: wish.log_url ?? wish.target_url ?? '',
        creator: actor(request),
        createdAt: now(),
      };
      deployment.statuses.push(status);
      if (status.state === 'success' && wish.auto_inactive !== false)
        retire(world, repository, deployment, status);
      return reply.code(201).send(deploymentStatusShape(repository, deployment, status));
    },
  );
}

function find<T extends { id: number }>(all: T[], id: string): T {
  const found = all.find(each => each.id === Number(id));
  if (!found) throw notFound();
  return found;
}

interface NewDeployment {
  ref: string;
  task?: string;
  auto_merge?: boolean;
  required_contexts?: string[] | null;
  payload?: Record<string, unknown> | string;
  environment?: string;
  description?: string | null;
  transient_environment?: boolean;
  production_environment?: boolean;
}

const newDeployment = body({
  ref: text,
  task: Type.Optional(text),
  auto_merge: optionalFlag,
  required_contexts: Type.Optional(Type.Union([Type.Array(text), Type.Null()])),
  payload: Type.Optional(Type.Union([Type.Record(Type.String(), Type.Unknown()), text])),
  environment: Type.Optional(text),
  description: optionalText,
  transient_environment: optionalFlag,
  production_environment: optionalFlag,
});

interface NewDeploymentStatus {
  state: Exclude<DeploymentStatus['state'], 'waiting'>;
  target_url?: string;
  log_url?: string;
  description?: string;
  environment?: string;
  environment_url?: string;
  auto_inactive?: boolean;
}

const newDeploymentStatus = body({
  state: Type.Enum(['error', 'failure', 'inactive', 'in_progress', 'queued', 'pending', 'success']),
  target_url: Type.Optional(text),
  log_url: Type.Optional(text),
  description: Type.Optional(text),
  environment: Type.Optional(text),
  environment_url: Type.Optional(text),
  auto_inactive: optionalFlag,
});

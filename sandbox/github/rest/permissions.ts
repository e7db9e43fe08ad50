import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { ApiError } from '../errors.ts';
import type { Schemas } from '../shapes/accounts.ts';
import type { Repository, World } from '../world.ts';
import { type Api, actor, body, optionalFlag, type Params, repositoryOf } from './api.ts';

/** The repository of the path, for whoever may administer it. @throws ApiError 403 */
export function administered(world: World, request: FastifyRequest<{ Params: Params }>): Repository {
  const repository = repositoryOf(world, request.params);
  const { type, login } = actor(request);
  if (type === 'Bot') throw new ApiError(403, 'Resource not accessible by integration');
  if (!repository.settings.admins.has(login))
    throw new ApiError(403, 'Must have admin rights to Repository.');
  return repository;
}

/** What Actions may do in a repository. https://docs.github.com/en/rest/actions/permissions */
export function permissions({ app, world }: Api): void {
  const path = '/repos/:owner/:repo/actions/permissions';

  app.get<{ Params: Params }>(path, async (request): Promise<Schemas['actions-repository-permissions']> => {
    const { enabled, allowed, pinned } = administered(world, request).settings.actions;
    return { enabled, ...(enabled && { allowed_actions: allowed }), sha_pinning_required: pinned };
  });

  app.put<{ Params: Params; Body: NewPermissions }>(path, newPermissions, async (request, reply) => {
    const { actions } = administered(world, request).settings;
    const { enabled, allowed_actions, sha_pinning_required } = request.body;
    actions.enabled = enabled;
    actions.allowed = allowed_actions ?? actions.allowed;
    actions.pinned = sha_pinning_required ?? actions.pinned;
    return reply.code(204).send();
  });

  app.get<{ Params: Params }>(
    `${path}/workflow`,
    async (request): Promise<Schemas['actions-get-default-workflow-permissions']> => {
      const { token, opensPullRequests } = administered(world, request).settings.workflows;
      return { default_workflow_permissions: token, can_approve_pull_request_reviews: opensPullRequests };
    },
  );

  app.put<{ Params: Params; Body: Schemas['actions-set-default-workflow-permissions'] }>(
    `${path}/workflow`,
    body({
      default_workflow_permissions: Type.Optional(Type.Enum(['read', 'write'])),
      can_approve_pull_request_reviews: optionalFlag,
    }),
    async (request, reply) => {
      const { workflows } = administered(world, request).settings;
      const { default_workflow_permissions: token, can_approve_pull_request_reviews: may } = request.body;
      workflows.token = token ?? workflows.token;
      workflows.opensPullRequests = may ?? workflows.opensPullRequests;
      return reply.code(204).send();
    },
  );
}

interface NewPermissions {
  enabled: boolean;
  allowed_actions?: 'all' | 'local_only' | 'selected';
  sha_pinning_required?: boolean;
}

const newPermissions = body({
  enabled: Type.Boolean(),
  allowed_actions: Type.Optional(Type.Enum(['all', 'local_only', 'selected'])),
  sha_pinning_required: optionalFlag,
});

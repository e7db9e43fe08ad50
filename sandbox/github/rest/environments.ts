import { Type } from 'typebox';
import { ApiError, notFound } from '../errors.ts';
import { type Environment, newEnvironment } from '../settings.ts';
import { nodeId, type Schemas, user } from '../shapes/accounts.ts';
import { environmentNames } from '../shapes/environments.ts';
import { apiUrl } from '../shapes/repositories.ts';
import { now, type Repository, type World } from '../world.ts';
import { type Api, body, optionalFlag, type Params, page, text } from './api.ts';
import { administered } from './permissions.ts';

type Named = Params & { environment: string };

/** @throws ApiError 404 */
export function environmentOf({ settings }: Repository, name: string): Environment {
  const found = settings.environments.get(name.toLowerCase());
  if (!found) throw notFound();
  return found;
}

/**
 * Environments and the branches that they let in. https://docs.github.com/en/rest/deployments/environments,
 * https://docs.github.com/en/rest/deployments/branch-policies
 */
export function environments({ app, world }: Api): void {
  const list = '/repos/:owner/:repo/environments';
  const one = `${list}/:environment`;

  app.get<{ Params: Params }>(list, async (request, reply) => {
    const repository = administered(world, request);
    const all = [...repository.settings.environments.values()];
    const shown = page(request, reply, all).map(each => environmentShape(world, repository, each));
    return { total_count: all.length, environments: shown };
  });

  app.get<{ Params: Named }>(one, async request => {
    const repository = administered(world, request);
    return environmentShape(world, repository, environmentOf(repository, request.params.environment));
  });

  // What is left out is taken for its default: a PUT says all of it.
  app.put<{ Params: Named; Body: NewEnvironment }>(one, environmentBody, async request => {
    const repository = administered(world, request);
    const { environment: name } = request.params;
    const { wait_timer = 0, prevent_self_review = false, can_admins_bypass = true } = request.body;
    const { reviewers, deployment_branch_policy } = request.body;
    const policy = deployment_branch_policy ?? null;
    if (policy && policy.protected_branches === policy.custom_branch_policies) {
      throw new ApiError(
        422,
        'Validation Failed: protected_branches and custom_branch_policies cannot have the same value',
      );
    }
    const ids = (reviewers ?? []).map(({ id }) => id);
    const strangers = ids.filter(id => ![...world.accounts.values()].some(each => each.id === id));
    if (strangers.length > 0) throw new ApiError(422, `Validation Failed: no user ${strangers.join(', ')}`);
    const known = repository.settings.environments.get(name.toLowerCase());
    const made: Environment = {
      ...(known ?? newEnvironment(world.nextId(), name, now())),
      updatedAt: now(),
      waitTimer: wait_timer,
      preventSelfReview: prevent_self_review,
      adminsBypass: can_admins_bypass,
      reviewers: ids,
      policy,
    };
    if (!policy?.custom_branch_policies) made.branches = [];
    repository.settings.environments.set(name.toLowerCase(), made);
    return environmentShape(world, repository, made);
  });

  app.get<{ Params: Named }>(`${one}/deployment-branch-policies`, async (request, reply) => {
    const { branches } = environmentOf(administered(world, request), request.params.environment);
    return { total_count: branches.length, branch_policies: page(request, reply, branches).map(branchShape) };
  });

  app.post<{ Params: Named; Body: { name: string; type?: 'branch' | 'tag' } }>(
    `${one}/deployment-branch-policies`,
    body({ name: text, type: Type.Optional(Type.Enum(['branch', 'tag'])) }),
    async (request, reply) => {
      const repository = administered(world, request);
      const environment = environmentOf(repository, request.params.environment);
      const { name, type = 'branch' } = request.body;
      if (!environment.policy?.custom_branch_policies) throw notFound();
      const known = environment.branches.find(each => each.name === name && each.type === type);
      const path = `${apiUrl(repository)}/environments/${encodeURIComponent(environment.name)}/deployment-branch-policies`;
      if (known) return reply.code(303).header('location', `${path}/${known.id}`).send();
      const made = { id: world.nextId(), name, type };
      environment.branches.push(made);
      return branchShape(made);
    },
  );

  app.delete<{ Params: Named & { branch: string } }>(
    `${one}/deployment-branch-policies/:branch`,
    async (request, reply) => {
      const environment = environmentOf(administered(world, request), request.params.environment);
      const index = environment.branches.findIndex(({ id }) => String(id) === request.params.branch);
      if (index < 0) throw notFound();
      environment.branches.splice(index, 1);
      return reply.code(204).send();
    },
  );
}

interface NewEnvironment {
  wait_timer?: number;
  prevent_self_review?: boolean;
  can_admins_bypass?: boolean;
  reviewers?: { type: 'User'; id: number }[] | null;
  deployment_branch_policy?: Environment['policy'];
}

// Teams are none of this stand-in's.
const environmentBody = body({
  wait_timer: Type.Optional(Type.Integer({ minimum: 0, maximum: 43_200 })),
  prevent_self_review: optionalFlag,
  can_admins_bypass: optionalFlag,
  reviewers: Type.Optional(
    Type.Union([
      Type.Array(
        Type.Object({ type: Type.Enum(['User']), id: Type.Integer() }, { additionalProperties: false }),
        { maxItems: 6 },
      ),
      Type.Null(),
    ]),
  ),
  deployment_branch_policy: Type.Optional(
    Type.Union([
      Type.Object(
        { protected_branches: Type.Boolean(), custom_branch_policies: Type.Boolean() },
        { additionalProperties: false },
      ),
      Type.Null(),
    ]),
  ),
});

const branchShape = ({
  id,
  name,
  type,
}: Environment['branches'][number]): Schemas['deployment-branch-policy'] => ({
  ...{ id, node_id: nodeId('GA', id), name, type },
});

function environmentShape(
  world: World,
  repository: Repository,
  environment: Environment,
): Schemas['environment'] {
  const { id, waitTimer, reviewers, policy, preventSelfReview, createdAt, updatedAt } = environment;
  // GitHub takes it and answers with it, and its description of the API knows nothing of it.
  const undescribed = { can_admins_bypass: environment.adminsBypass };
  const rule = (kind: number) => ({ id: id + kind, node_id: nodeId('GA', id + kind) });
  const accounts = [...world.accounts.values()].filter(each => reviewers.includes(each.id));
  return {
    ...undescribed,
    ...environmentNames(repository, environment),
    created_at: createdAt,
    updated_at: updatedAt,
    protection_rules: [
      ...(waitTimer > 0 ? [{ ...rule(1), type: 'wait_timer', wait_timer: waitTimer }] : []),
      ...(accounts.length > 0
        ? [
            {
              ...rule(2),
              type: 'required_reviewers',
              prevent_self_review: preventSelfReview,
              reviewers: accounts.map(each => ({ type: 'User' as const, reviewer: user(each) })),
            },
          ]
        : []),
      ...(policy ? [{ ...rule(3), type: 'branch_policy' }] : []),
    ],
    deployment_branch_policy: policy,
  };
}

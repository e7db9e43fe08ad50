import { Type } from 'typebox';
import { ApiError, invalid, notFound } from '../errors.ts';
import { refreshHook } from '../protection.ts';
import { rulesFor } from '../rules.ts';
import type { Ruleset } from '../settings.ts';
import type { Schemas } from '../shapes/accounts.ts';
import { apiUrl } from '../shapes/repositories.ts';
import { now, type Repository, slug } from '../world.ts';
import { type Api, body, optionalFlag, type Params, page, repositoryOf, text } from './api.ts';
import { administered } from './permissions.ts';

/** Rulesets of a repository, and what comes of them for a branch. https://docs.github.com/en/rest/repos/rules */
export function rulesets({ app, world, git }: Api): void {
  const path = '/repos/:owner/:repo/rulesets';

  app.get<{ Params: Params & { branch: string } }>(
    '/repos/:owner/:repo/rules/branches/:branch',
    async (request, reply) => {
      const repository = repositoryOf(world, request.params);
      const all = rulesFor(repository, request.params.branch).map(({ ruleset, rule }) => ({
        ...{ ...rule, ruleset_source_type: 'Repository', ruleset_source: slug(repository) },
        ruleset_id: ruleset.id,
      }));
      return page(request, reply, all);
    },
  );

  app.get<{ Params: Params }>(path, async (request, reply) => {
    const repository = repositoryOf(world, request.params);
    return page(request, reply, repository.settings.rulesets).map(each => {
      const { rules: _, ...short } = rulesetShape(repository, each);
      return short;
    });
  });

  app.get<{ Params: Params & { id: string } }>(`${path}/:id`, async request => {
    const repository = repositoryOf(world, request.params);
    const found = repository.settings.rulesets.find(({ id }) => String(id) === request.params.id);
    if (!found) throw notFound();
    return rulesetShape(repository, found);
  });

  app.post<{ Params: Params; Body: Omit<Ruleset, 'id' | 'createdAt'> }>(
    path,
    newRuleset,
    async (request, reply) => {
      const repository = administered(world, request);
      const { settings } = repository;
      if (settings.rulesets.some(({ name }) => name === request.body.name))
        throw invalid('RepositoryRuleset', 'name', 'Name must be unique');
      const made: Ruleset = { ...request.body, id: world.nextId(), createdAt: now() };
      settings.rulesets.push(made);
      await refreshHook(git, repository);
      return reply.code(201).send(rulesetShape(repository, made));
    },
  );

  app.put<{ Params: Params & { id: string }; Body: Omit<Ruleset, 'id' | 'createdAt'> }>(
    `${path}/:id`,
    newRuleset,
    async request => {
      const repository = administered(world, request);
      const found = repository.settings.rulesets.find(({ id }) => String(id) === request.params.id);
      if (!found) throw notFound();
      Object.assign(found, request.body);
      await refreshHook(git, repository);
      return rulesetShape(repository, found);
    },
  );

  app.delete<{ Params: Params & { id: string } }>(`${path}/:id`, async (request, reply) => {
    const repository = administered(world, request);
    const { rulesets: all } = repository.settings;
    const index = all.findIndex(({ id }) => String(id) === request.params.id);
    if (index < 0) throw new ApiError(404, 'Not Found');
    all.splice(index, 1);
    await refreshHook(git, repository);
    return reply.code(204).send();
  });
}

const closed = <T extends Parameters<typeof Type.Object>[0]>(properties: T) =>
  Type.Object(properties, { additionalProperties: false });

// Rules and actors that nobody here asks for are refused rather than kept and not held to.
const newRuleset = body({
  name: Type.String({ minLength: 1 }),
  target: Type.Enum(['branch']),
  enforcement: Type.Enum(['active', 'disabled', 'evaluate']),
  conditions: closed({ ref_name: closed({ include: Type.Array(text), exclude: Type.Array(text) }) }),
  rules: Type.Array(
    Type.Union([
      closed({ type: Type.Enum(['deletion', 'non_fast_forward']) }),
      closed({
        type: Type.Enum(['required_status_checks']),
        parameters: closed({
          do_not_enforce_on_create: optionalFlag,
          strict_required_status_checks_policy: Type.Boolean(),
          required_status_checks: Type.Array(
            closed({ context: Type.String({ minLength: 1 }), integration_id: Type.Optional(Type.Integer()) }),
          ),
        }),
      }),
      closed({
        type: Type.Enum(['pull_request']),
        parameters: closed({
          dismiss_stale_reviews_on_push: Type.Boolean(),
          require_code_owner_review: Type.Boolean(),
          require_last_push_approval: Type.Boolean(),
          required_approving_review_count: Type.Integer({ minimum: 0, maximum: 0 }),
          required_review_thread_resolution: Type.Boolean(),
        }),
      }),
    ]),
  ),
});

function rulesetShape(repository: Repository, ruleset: Ruleset): Schemas['repository-ruleset'] {
  const { id, name, target, enforcement, conditions, rules, createdAt } = ruleset;
  return {
    ...{ id, name, target, source_type: 'Repository', source: slug(repository), enforcement },
    bypass_actors: [],
    current_user_can_bypass: 'never',
    _links: { self: { href: `${apiUrl(repository)}/rulesets/${id}` } },
    ...{ conditions, rules, created_at: createdAt, updated_at: createdAt },
  };
}

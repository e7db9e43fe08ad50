import { Type } from 'typebox';
import { headOf } from '../branches.ts';
import { ApiError, invalid, notFound } from '../errors.ts';
import { protect } from '../protection.ts';
import { publicUser, type Schemas } from '../shapes/accounts.ts';
import { commitShape } from '../shapes/objects.ts';
import { apiUrl, protectionShape, repositoryShape, webUrl } from '../shapes/repositories.ts';
import type { Repository, World } from '../world.ts';
import { type Api, actor, body, optionalFlag, type Params, page, repositoryOf, text } from './api.ts';

/** Accounts, repositories, branches and their protection. */
export function repositories({ app, world, git }: Api): void {
  app.get('/user', async request => {
    // A workflow's own token is an app's, and belongs to no user.
    if (actor(request).type === 'Bot') throw new ApiError(403, 'Resource not accessible by integration');
    return publicUser(actor(request));
  });

  app.get<{ Params: { login: string } }>('/users/:login', async request => {
    const account = world.accounts.get(request.params.login.toLowerCase());
    if (!account) throw notFound();
    return publicUser(account);
  });

  app.get<{ Params: Params }>('/repos/:owner/:repo', async request => {
    const repository = repositoryOf(world, request.params);
    const shape = repositoryShape(repository);
    const admin = repository.settings.admins.has(actor(request).login);
    return { ...shape, permissions: { pull: true, push: true, ...shape.permissions, admin } };
  });

  app.get<{ Params: Params }>('/repos/:owner/:repo/branches', async (request, reply) => {
    const repository = repositoryOf(world, request.params);
    const all = await repository.objects.refs('refs/heads');
    return page(request, reply, all).map(({ name, sha }): Schemas['short-branch'] => {
      const branch = name.slice('refs/heads/'.length);
      return {
        name: branch,
        commit: { sha, url: `${apiUrl(repository)}/commits/${sha}` },
        protected: repository.protection.has(branch),
      };
    });
  });

  app.get<{ Params: Params & { branch: string } }>('/repos/:owner/:repo/branches/:branch', async request =>
    branchShape(world, repositoryOf(world, request.params), request.params.branch),
  );

  const protection = '/repos/:owner/:repo/branches/:branch/protection';

  app.get<{ Params: Params & { branch: string } }>(protection, async request => {
    const repository = repositoryOf(world, request.params);
    if (!repository.protection.has(request.params.branch)) throw new ApiError(404, 'Branch not protected');
    return protectionShape(repository, request.params.branch);
  });

  app.put<{ Params: Params & { branch: string }; Body: NewProtection }>(
    protection,
    newProtection,
    async request => {
      const repository = repositoryOf(world, request.params);
      const { branch } = request.params;
      if (!(await headOf(repository, branch))) throw new ApiError(404, 'Branch not found');
      const {
        required_pull_request_reviews: reviews,
        required_status_checks: checks,
        enforce_admins,
      } = request.body;
      if (reviews?.required_approving_review_count) {
        throw invalid(
          'ProtectedBranch',
          'required_approving_review_count',
          'reviews are not part of this stand-in: 0',
        );
      }
      await protect(git, repository, branch, {
        pullRequests: reviews !== null,
        checks: checks?.contexts ?? checks?.checks?.map(({ context }) => context) ?? [],
        admins: enforce_admins ?? false,
      });
      return protectionShape(repository, branch);
    },
  );

  app.delete<{ Params: Params & { branch: string } }>(protection, async (request, reply) => {
    const repository = repositoryOf(world, request.params);
    if (!repository.protection.has(request.params.branch)) throw new ApiError(404, 'Branch not protected');
    await protect(git, repository, request.params.branch, undefined);
    return reply.code(204).send();
  });
}

interface NewProtection {
  required_status_checks: { contexts?: string[]; checks?: { context: string }[] } | null;
  enforce_admins: boolean | null;
  required_pull_request_reviews: { required_approving_review_count?: number } | null;
}

const orNull = (schema: Type.TSchema) => Type.Union([schema, Type.Null()]);

const newProtection = body({
  required_status_checks: orNull(
    Type.Object({
      strict: Type.Boolean(),
      contexts: Type.Optional(Type.Array(text)),
      checks: Type.Optional(
        Type.Array(Type.Object({ context: text, app_id: Type.Optional(Type.Integer()) })),
      ),
    }),
  ),
  enforce_admins: orNull(Type.Boolean()),
  required_pull_request_reviews: orNull(
    Type.Object({
      required_approving_review_count: Type.Optional(Type.Integer({ minimum: 0, maximum: 6 })),
      dismiss_stale_reviews: optionalFlag,
      require_code_owner_reviews: optionalFlag,
    }),
  ),
  restrictions: Type.Null(),
  required_linear_history: optionalFlag,
  allow_force_pushes: optionalFlag,
  allow_deletions: optionalFlag,
});

async function branchShape(
  world: World,
  repository: Repository,
  branch: string,
): Promise<Schemas['branch-with-protection']> {
  const sha = await headOf(repository, branch);
  if (!sha) throw new ApiError(404, 'Branch not found');
  const url = `${apiUrl(repository)}/branches/${encodeURIComponent(branch)}`;
  return {
    name: branch,
    commit: commitShape(world, repository, await repository.objects.commit(sha)),
    _links: { self: url, html: `${webUrl(repository)}/tree/${branch}` },
    protected: repository.protection.has(branch),
    protection: protectionShape(repository, branch),
    protection_url: `${url}/protection`,
  };
}

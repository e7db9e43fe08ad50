import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { accountOf, grantsOf } from '../authorization.ts';
import { ApiError } from '../errors.ts';
import type { Git } from '../git.ts';
import { mayRequest, refusal } from '../permissions.ts';
import type { Account, Repository, World } from '../world.ts';

/** What every group of routes is handed. */
export interface Api {
  app: FastifyInstance;
  world: World;
  git: Git;
}

export interface Params {
  owner: string;
  repo: string;
}

export const documentation = 'https://docs.github.com/rest';

const accounts = new WeakMap<FastifyRequest, Account>();

/** Who asks. Every route behind `authorize` has somebody. */
export function actor(request: FastifyRequest): Account {
  const account = accounts.get(request);
  if (!account) throw new Error(`${request.url} was reached without a token`);
  return account;
}

/** Asks every request for a token, and words every failure as GitHub does. */
export function authorize({ app, world }: Api, complain: (sentence: string) => void): void {
  app.addHook('onRequest', async request => {
    const account = accountOf(world, request.headers.authorization);
    if (account === undefined) {
      complain(`${request.method} ${request.url} came without a token`);
      throw new ApiError(401, 'Requires authentication');
    }
    if (account === 'unknown') throw new ApiError(401, 'Bad credentials');
    accounts.set(request, account);
    const grants = grantsOf(world, request.headers.authorization);
    const [, slug = ''] = /^\/repos\/([^/]+\/[^/?]+)/.exec(request.url) ?? [];
    const isPrivate = world.find(slug)?.private ?? false;
    if (grants && !mayRequest(grants, request.method, request.url, isPrivate))
      throw new ApiError(403, refusal);
  });
  app.addHook('preValidation', async request => {
    if (request.body === '') request.body = {}; // a PUT or POST without a body is one without wishes
  });
  app.setErrorHandler((error: Error & { statusCode?: number; validation?: unknown }, request, reply) => {
    if (error instanceof ApiError) return refuse(reply, error.status, error.message, error.errors);
    complain(
      `${request.method} ${request.url}: ${error.validation || error.statusCode ? error.message : error.stack}`,
    );
    if (error.validation) return refuse(reply, 422, `Invalid request.\n\n${error.message}`);
    if (error.statusCode === 400) return refuse(reply, 400, 'Problems parsing JSON');
    return refuse(reply, error.statusCode ?? 500, error.message);
  });
}

const refuse = (reply: FastifyReply, status: number, message: string, errors?: unknown) =>
  reply.code(status).send({
    message,
    ...(errors !== undefined && { errors }),
    documentation_url: documentation,
    status: String(status),
  });

/** The repository that the path names. @throws ApiError 404 */
export const repositoryOf = (world: World, { owner, repo }: Params): Repository =>
  world.repository(owner, repo);

/**
 * One page of a list, with the Link header that leads to the others.
 * https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
 */
export function page<T>(request: FastifyRequest, reply: FastifyReply, all: readonly T[]): T[] {
  const url = new URL(
    request.url,
    `${request.host === 'api.github.com' ? 'https' : 'http'}://${request.host}`,
  );
  const number = (name: string, otherwise: number, most: number) =>
    Math.min(most, Math.max(1, Number.parseInt(url.searchParams.get(name) ?? '', 10) || otherwise));
  const size = number('per_page', 30, 100);
  const current = number('page', 1, Number.MAX_SAFE_INTEGER);
  const last = Math.max(1, Math.ceil(all.length / size));
  const link = (rel: string, to: number) => {
    url.searchParams.set('page', String(to));
    return `<${url}>; rel="${rel}"`;
  };
  const links = [
    ...(current > 1 ? [link('prev', Math.min(current - 1, last))] : []),
    ...(current < last ? [link('next', current + 1), link('last', last)] : []),
    ...(current > 1 ? [link('first', 1)] : []),
  ];
  if (links.length > 0) reply.header('link', links.join(', '));
  return all.slice((current - 1) * size, current * size);
}

/** A request body: what is not described is refused. */
export const body = <T extends Parameters<typeof Type.Object>[0]>(properties: T) => ({
  schema: { body: Type.Object(properties, { additionalProperties: false }) },
});

export const text = Type.String();
export const optionalText = Type.Optional(Type.Union([Type.String(), Type.Null()]));
export const optionalFlag = Type.Optional(Type.Boolean());

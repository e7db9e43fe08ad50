import type { FastifyInstance, FastifyRequest } from 'fastify';
import { errors } from './errors.ts';
import type { Zone } from './zone.ts';

export interface Token {
  token: string;
  /** `edit` unless told. */
  may?: 'read' | 'edit';
  /** The name of the only zone that it opens; all of them unless told. */
  zone?: string;
  /** `active` unless told. */
  status?: 'active' | 'disabled' | 'expired';
}

const window = 300_000;

/** Lets in who has a token for what they ask, and counts: 1,200 requests in five minutes, then none until they are over. */
export function authorise(api: FastifyInstance, tokens: Token[], zones: Zone[], most: number): void {
  const used = new Map<string, { since: number; count: number }>();

  api.addHook('onRequest', async (request, reply) => {
    const token = authenticate(request, tokens);
    const now = Date.now();
    const known = used.get(token.token);
    const period = known && now - known.since < window ? known : { since: now, count: 0 };
    used.set(token.token, { since: period.since, count: period.count + 1 });
    const seconds = Math.ceil((period.since + window - now) / 1000);
    const left = Math.max(0, most - period.count - 1);
    reply.header('ratelimit-policy', `"default";q=${most};w=300`);
    reply.header('ratelimit', `"default";r=${left};t=${seconds}`);
    reply.header('cf-ray', '0000000000000000-ZRH');
    if (period.count >= most) {
      reply.header('retry-after', String(seconds));
      throw errors.rateLimited();
    }
    // Of all requests this one alone is answered to a token that is over.
    const isVerified = request.routeOptions.url === '/client/v4/user/tokens/verify';
    if (token.status !== undefined && token.status !== 'active' && !isVerified) throw errors.unknownToken();
    if (isVerified) return;
    permit(request, token, zones);
  });
}

export function authenticate(request: FastifyRequest, tokens: Token[]): Token {
  const header = request.headers.authorization;
  if (header === undefined) throw errors.noCredentials();
  const bearer = /^Bearer ([\w-]+)$/.exec(header)?.[1];
  if (bearer === undefined) throw errors.malformedCredentials();
  const token = tokens.find(each => each.token === bearer);
  if (!token) throw errors.unknownToken();
  return token;
}

function permit(request: FastifyRequest, { may = 'edit', zone }: Token, zones: Zone[]): void {
  if (may === 'read' && request.method !== 'GET') throw errors.notAllowed();
  if (zone === undefined) return;
  const { zone: id } = request.params as { zone?: string };
  if (id !== undefined && zones.find(each => each.id === id)?.name !== zone) throw errors.notAllowed();
  // A token of one zone may not list zones unless it names its own.
  const { name } = request.query as { name?: string };
  if (id === undefined && request.routeOptions.url === '/client/v4/zones' && name !== zone)
    throw errors.unknownToken();
}

import type { IncomingMessage } from 'node:http';
import type { Context } from '../context.ts';
import { Problem } from '../server/problem.ts';
import { readCookie } from '../sessions/cookie.ts';
import { within } from './deadline.ts';
import { readForwarded } from './forwarded.ts';
import { isForged } from './origin.ts';

const patience = 500;

/** What a route demands, as the platform's operators wrote it into the question. */
export interface Demand {
  require?: 'admin';
  /** Passes without a session too, as nobody. */
  optional?: '1';
}

/**
 * Whether the request that Traefik asks about may pass. Returns what the service behind is told of whose it is: nothing, when
 * it is nobody's. What is demanded decides, and never the path that somebody asked for.
 * @throws {Problem} 400, 401, 403 or 503
 */
export async function decide(
  { findSession, mint, origins }: Context,
  { require, optional }: Demand,
  { rawHeaders, headers }: IncomingMessage,
): Promise<Record<string, string>> {
  if (require && optional)
    throw new Problem(400, 'invalid-request', 'A route cannot both require a role and do without a session.');
  const { method } = readForwarded(rawHeaders);

  const token = readCookie(headers.cookie);
  const session = token && (await within(patience, findSession(token)));
  if (!session) {
    if (optional) return {};
    throw new Problem(401, 'not-logged-in', 'Log in first.');
  }
  if (isForged(method, headers, origins))
    throw new Problem(403, 'cross-origin', 'This request does not come from a page of the shop.');
  if (require && session.role !== require)
    throw new Problem(403, 'forbidden', 'This needs another role than yours.');
  const { id: sessionId, userId, role } = session;
  return {
    'x-auth-user': userId,
    'x-auth-role': role,
    'x-auth-assertion': await mint({ sessionId, userId, role }),
  };
}

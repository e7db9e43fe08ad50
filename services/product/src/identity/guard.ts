import type { FastifyRequest } from 'fastify';
import { Problem } from '../server/problem.ts';
import type { Identity, Verify } from './verify.ts';

/** @throws {Problem} 401 without a valid assertion */
export const whoIs = (verify: Verify, { headers }: FastifyRequest): Promise<Identity> =>
  verify(headers['x-auth-assertion']?.toString());

/** @throws {Problem} 401 or 403 */
export async function adminOnly(verify: Verify, request: FastifyRequest): Promise<Identity> {
  const identity = await whoIs(verify, request);
  if (identity.role !== 'admin') throw new Problem(403, 'forbidden', 'This needs another role than yours.');
  return identity;
}

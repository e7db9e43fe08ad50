import { UserError } from '../runner/errors.ts';
import type { Send } from './request.ts';

/** A whole list, or an error: an answer that has no list in it is not an empty one. */
export async function list<T>(send: Send, kind: string, property: string): Promise<T[]> {
  const answer = await send<Record<string, T[]> | null>('GET', `/${kind}`);
  const entries = answer?.[property];
  if (!Array.isArray(entries))
    throw new UserError(`Exoscale answered GET /v2/${kind} without "${property}": run this again later`);
  return entries;
}

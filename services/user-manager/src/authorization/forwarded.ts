import { isIP } from 'node:net';
import { Problem } from '../server/problem.ts';

/** The request that Traefik asks about. */
export interface Forwarded {
  method: string;
  host: string;
  uri: string;
}

const isForwarded = /^x-forwarded-/i;
const patterns = {
  'x-forwarded-method': /^[A-Z]{1,20}$/,
  'x-forwarded-proto': /^https?$/,
  'x-forwarded-host': /^(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i,
  'x-forwarded-uri': /^\/[\x21-\x7e]{0,8191}$/,
};
const wanted = Object.entries(patterns);

/**
 * Reads what Traefik says about a request. It sets each of these headers once; anything else did not come from it.
 * https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/forwardauth/
 * @param raw Node's raw headers, which still have what is there twice
 * @throws {Problem} 400
 */
export function readForwarded(raw: string[]): Forwarded {
  const values = new Map<string, string>();
  for (let index = 0; index < raw.length; index += 2) {
    if (!isForwarded.test(raw[index] ?? '')) continue;
    const name = (raw[index] ?? '').toLowerCase();
    if (values.has(name)) throw malformed(name, 'is there more than once');
    values.set(name, raw[index + 1] ?? '');
  }
  const one = (name: string): string => {
    const value = values.get(name);
    if (value === undefined) throw malformed(name, 'is missing');
    return value;
  };

  for (const [name, pattern] of wanted) if (!pattern.test(one(name))) throw malformed(name, 'is malformed');
  const uri = one('x-forwarded-uri');
  if (/%00/.test(uri) || !isDecodable(uri)) throw malformed('x-forwarded-uri', 'is malformed');
  const addresses = one('x-forwarded-for').split(',');
  if (!addresses.every(address => isIP(address.trim()) > 0))
    throw malformed('x-forwarded-for', 'is malformed');
  return { method: one('x-forwarded-method'), host: one('x-forwarded-host'), uri };
}

const malformed = (name: string, what: string) =>
  new Problem(400, 'malformed-forward', `The header ${name} ${what}.`);

function isDecodable(uri: string): boolean {
  if (!uri.includes('%')) return true;
  try {
    decodeURIComponent(uri);
    return true;
  } catch {
    return false;
  }
}

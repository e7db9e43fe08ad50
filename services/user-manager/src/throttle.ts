import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type pg from 'pg';
import { Problem } from './server/problem.ts';

const windowMinutes = 15;

export interface Limit {
  scope: string;
  /** Whom it concerns: never stored as it is. */
  subject: string;
  hits: number;
}

const count = `
  INSERT INTO user_manager.throttle AS t (key, hits, resets_at)
  SELECT key, 1, now() + make_interval(mins => $2) FROM unnest($1::bytea[]) AS key ORDER BY key
  ON CONFLICT (key) DO UPDATE SET
    hits = CASE WHEN t.resets_at <= now() THEN 1 ELSE least(t.hits + 1, 1000000) END,
    resets_at = CASE WHEN t.resets_at <= now() THEN excluded.resets_at ELSE t.resets_at END
  RETURNING key, hits, ceil(extract(epoch FROM resets_at - now()))::int AS seconds`;

const key = ({ scope, subject }: Limit): Buffer =>
  createHash('sha256').update(`${scope}\0${subject}`).digest();

/**
 * Counts an attempt before it is made, so that a thousand at once are a thousand. The counts are in the database, because
 * there is more than one replica.
 * @throws {Problem} 429 with Retry-After when a limit is passed
 */
export async function throttle(pool: pg.Pool, limits: Limit[]): Promise<void> {
  const { rows } = await pool.query<{ key: Buffer; hits: number; seconds: number }>(count, [
    limits.map(key),
    windowMinutes,
  ]);
  const passed = rows.filter(({ key: found, hits }) =>
    limits.some(limit => key(limit).equals(found) && hits > limit.hits),
  );
  if (passed.length === 0) return;
  const seconds = Math.max(1, ...passed.map(row => row.seconds));
  throw new Problem(429, 'too-many-attempts', 'There were too many attempts. Try again later.', {
    headers: { 'retry-after': String(seconds) },
  });
}

export const forget = (pool: pg.Pool, limit: Limit) =>
  pool.query('DELETE FROM user_manager.throttle WHERE key = $1', [key(limit)]);

/** One household or server has a whole /64 of IPv6 to itself. */
export function network(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.toLowerCase().split('%')[0]?.split('::') ?? [];
  const groups = head === '' ? [] : head.split(':');
  const after = tail ? tail.split(':') : [];
  if (tail !== undefined)
    groups.push(...Array(Math.max(0, 8 - groups.length - after.length)).fill('0'), ...after);
  return `${groups
    .slice(0, 4)
    .map(group => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

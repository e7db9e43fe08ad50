import type { Account, World } from './world.ts';

/**
 * Whose token this is. GitHub takes it as `token X`, as `Bearer X`, and as the password of Basic (git, curl -u).
 * @returns undefined without a token, 'unknown' for one that was never given out
 */
export function accountOf(world: World, header: string | undefined): Account | 'unknown' | undefined {
  if (!header) return undefined;
  const [scheme = '', value = ''] = header.split(/ +/);
  const token = /^basic$/i.test(scheme)
    ? Buffer.from(value, 'base64')
        .toString()
        .replace(/^[^:]*:/, '')
    : value;
  return world.tokens.get(token) ?? 'unknown';
}

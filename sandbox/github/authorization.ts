import type { Grants } from './permissions.ts';
import type { Account, World } from './world.ts';

/** GitHub takes a token as `token X`, as `Bearer X`, and as the password of Basic (git, curl -u). */
function tokenOf(header: string): string {
  const [scheme = '', value = ''] = header.split(/ +/);
  return /^basic$/i.test(scheme)
    ? Buffer.from(value, 'base64')
        .toString()
        .replace(/^[^:]*:/, '')
    : value;
}

/**
 * Whose token this is.
 * @returns undefined without a token, 'unknown' for one that was never given out
 */
export const accountOf = (world: World, header: string | undefined): Account | 'unknown' | undefined =>
  header ? (world.tokens.get(tokenOf(header)) ?? 'unknown') : undefined;

/** What the token may do; undefined for one that may do everything. */
export const grantsOf = (world: World, header: string | undefined): Grants | undefined =>
  header ? world.grants.get(tokenOf(header)) : undefined;

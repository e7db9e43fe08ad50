import type { IncomingHttpHeaders } from 'node:http';

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Whether a request could be another site's doing: it changes something, and does not come from a page of ours. Browsers
 * send Origin with every such request. `Sec-Fetch-Site` is made up as easily as it is left out, so it only ever denies.
 */
export function isForged(method: string, headers: IncomingHttpHeaders, origins: string[]): boolean {
  if (safeMethods.has(method)) return false;
  if (headers['sec-fetch-site'] === 'cross-site') return true;
  return headers.origin === undefined || !origins.includes(headers.origin);
}

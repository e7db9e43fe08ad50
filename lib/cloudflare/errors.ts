import { UserError } from '../runner/errors.ts';

/** One of the errors in Cloudflare's answer. */
export interface Rejection {
  code: number;
  message: string;
}

/** What the client throws for an answer that is not 2xx; read by its shape, so that the client need not be loaded here. */
interface ApiError {
  status: number;
  headers: Headers;
  errors: (Rejection & { error_chain?: Rejection[] })[];
}

const isApiError = (error: unknown): error is ApiError =>
  typeof (error as Partial<ApiError> | null)?.status === 'number' && 'errors' in (error as object);

/** What stands between it and us may answer in any shape. */
const given = ({ errors }: ApiError): Rejection[] =>
  (Array.isArray(errors) ? errors : [])
    .filter(each => typeof each?.code === 'number')
    .map(({ code, message, error_chain }) => {
      // "DNS Validation Error" alone helps nobody; its chain says which.
      const chain = Array.isArray(error_chain) ? error_chain.map(link => link?.message).filter(Boolean) : [];
      return { code, message: chain.length > 0 ? chain.join('; ') : String(message ?? 'no reason given') };
    });

/** What Cloudflare holds against the records that were sent: they have been looked at and refused. */
export function rejections(error: unknown): Rejection[] {
  if (!isApiError(error) || credentials(error) || noZone(error)) return [];
  return error.status >= 400 && error.status < 500 && error.status !== 429 ? given(error) : [];
}

/** Too many requests: nothing has been done. */
export const isTooSoon = (error: unknown): boolean => isApiError(error) && error.status === 429;

/**
 * The seconds to wait, as seconds or as a date: https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3. Half a minute after too
 * many requests, and a second after a failure of a gateway, when it does not say.
 */
export function retryAfter(error: unknown): number | undefined {
  if (!isApiError(error)) return undefined;
  const said = error.headers?.get('retry-after')?.trim() ?? '';
  if (/^\d+$/.test(said)) return Number(said);
  const until = Math.ceil((Date.parse(said) - Date.now()) / 1000);
  if (!Number.isNaN(until)) return Math.max(0, until);
  return isTooSoon(error) ? 30 : error.status >= 500 ? 1 : undefined;
}

/** Nothing that trying again could mend. */
export const isUserMistake = (error: unknown): boolean =>
  error instanceof UserError ||
  (isApiError(error) && error.status >= 400 && error.status < 500 && ![408, 409, 429].includes(error.status));

// 6003: malformed headers, 9106: missing ones, 9109 and 10000: not allowed.
const credentials = (error: ApiError): boolean =>
  [401, 403].includes(error.status) ||
  given(error).some(({ code }) => [6003, 9106, 9109, 10000].includes(code));
const noZone = (error: ApiError): boolean => given(error).some(({ code }) => code === 7003);

/** The second half of a sentence: why, and what to do. */
export function explain(error: unknown): string {
  if (error instanceof UserError) return error.message;
  if (!isApiError(error)) return connection(error);
  const said = given(error)
    .map(({ code, message }) => `${message.replace(/\.$/, '')} (${code})`)
    .join('; ');
  if (error.status === 403 && !said)
    return 'it answered with status 403 and no reason, as a proxy or a firewall on the way does; see what stands between this machine and Cloudflare, then whether the token may edit the DNS of this zone';
  if (credentials(error))
    return `the token is not accepted: ${said || `status ${error.status}`}; give one that may edit the DNS of this zone (permission Zone, DNS, Edit)`;
  if (noZone(error))
    return `there is no zone with this id: ${said}; take it from the zone's overview page, or leave it out`;
  if (error.status === 429)
    return `too many requests: ${said || '429'}; run it again in ${retryAfter(error)} s`;
  return said || `it answered with status ${error.status}`;
}

function connection(error: unknown): string {
  const causes: string[] = [];
  for (let at: unknown = error; at instanceof Error && causes.length < 5; at = at.cause) {
    const { code } = at as NodeJS.ErrnoException;
    causes.push(code && !at.message.includes(code) ? `${at.message} ${code}`.trim() : at.message);
  }
  const reason = [...new Set(causes)].filter(Boolean).join(' ← ') || String(error);
  return `no whole answer came (${reason.replace(/\.( ←|$)/g, '$1')}); run it again`;
}

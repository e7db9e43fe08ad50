import { createHmac, timingSafeEqual } from 'node:crypto';

export interface Credentials {
  key: string;
  secret: string;
}

export interface SignedRequest {
  method: string;
  /** Path and query, undecoded. */
  url: string;
  body: string;
  authorization: string | undefined;
}

const header =
  /^EXO2-HMAC-SHA256 credential=([^,]+)(?:,signed-query-args=([^,]+))?,expires=(\d+),signature=([A-Za-z0-9+/=]+)$/;

/**
 * Why a request is not signed as it must be; undefined when it is.
 * https://openapi-v2.exoscale.com/#topic-API-Request-Signature
 */
export function signatureFault(
  request: SignedRequest,
  { key, secret }: Credentials,
  now: Date,
): string | undefined {
  if (request.authorization === undefined) return 'no Authorization header';
  const parts = header.exec(request.authorization);
  if (!parts) return 'the Authorization header is not of the form EXO2-HMAC-SHA256 credential=…';
  const [, credential = '', signedArguments, expires = '', signature = ''] = parts;
  if (credential !== key) return 'unknown API key';
  if (Number(expires) * 1000 < now.getTime()) return 'the request has expired';

  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  const names = [...new Set(searchParams.keys())]
    .filter(name => searchParams.getAll(name).length === 1)
    .sort();
  if (names.join(';') !== (signedArguments ?? '')) return `signed-query-args must be ${names.join(';')}`;

  const message = [
    `${request.method} ${pathname}`,
    request.body,
    names.map(name => searchParams.get(name)).join(''),
    '', // headers: none are signed
    expires,
  ].join('\n');
  const expected = createHmac('sha256', secret).update(message).digest();
  const given = Buffer.from(signature, 'base64');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 'wrong signature';
  return undefined;
}

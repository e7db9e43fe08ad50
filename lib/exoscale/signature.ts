import { createHmac } from 'node:crypto';

/**
 * The Authorization header of a request to Exoscale's API.
 * https://openapi-v2.exoscale.com/#topic-API-Request-Signature
 * @param expires in Unix seconds
 */
export function authorization(
  { key, secret }: { key: string; secret: string },
  { method, url, body = '' }: { method: string; url: URL; body?: string | undefined },
  expires: number,
): string {
  const parameters = url.searchParams;
  const names = [...new Set(parameters.keys())].filter(name => parameters.getAll(name).length === 1).sort();
  const message = [
    `${method} ${url.pathname}`,
    body,
    names.map(name => parameters.get(name)).join(''),
    '', // headers: none are signed
    expires,
  ].join('\n');
  return [
    `EXO2-HMAC-SHA256 credential=${key}`,
    ...(names.length > 0 ? [`signed-query-args=${names.join(';')}`] : []),
    `expires=${expires}`,
    `signature=${createHmac('sha256', secret).update(message).digest('base64')}`,
  ].join(',');
}

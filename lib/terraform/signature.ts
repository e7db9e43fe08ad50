import { createHash, createHmac } from 'node:crypto';

export interface Credentials {
  key: string;
  secret: string;
}

export interface UnsignedRequest {
  method: string;
  /** Path and query must be in the form in which they are sent, the query in order of its names. */
  url: URL;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
}

/**
 * The headers of an S3 request with an AWS Signature Version 4:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function sign(
  { method, url, headers = {}, body = '' }: UnsignedRequest,
  { key, secret }: Credentials,
  region: string,
  now = new Date(),
): Record<string, string> {
  const time = now.toISOString().replace(/[:-]|\.\d{3}/g, '');
  const day = time.slice(0, 8);
  const scope = `${day}/${region}/s3/aws4_request`;

  const signed = Object.entries({
    ...headers,
    host: url.host,
    'x-amz-content-sha256': sha256(body),
    'x-amz-date': time,
  })
    .map(([name, value]) => [name.toLowerCase(), value.trim()] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const names = signed.map(([name]) => name).join(';');

  const request = [
    method,
    url.pathname,
    url.searchParams.toString(),
    ...signed.map(([name, value]) => `${name}:${value}`),
    '',
    names,
    sha256(body),
  ].join('\n');
  const text = ['AWS4-HMAC-SHA256', time, scope, sha256(request)].join('\n');
  const signingKey = [day, region, 's3', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secret}`);

  const { host: _, ...sent } = Object.fromEntries(signed); // fetch sets it
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${key}/${scope},SignedHeaders=${names},Signature=${hmac(signingKey, text).toString('hex')}`,
  };
}

const sha256 = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

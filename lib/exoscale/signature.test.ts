import { expect, test } from 'vitest';
import { authorization } from './signature.ts';

// The signatures were made with `printf MESSAGE | openssl dgst -sha256 -hmac 'an example secret' -binary | base64`.
test.each([
  [
    'a body',
    {
      method: 'POST',
      url: '/v2/sks-cluster-kubeconfig/0d3ff5ee-97f7-4f22-9c2f-0d1c7e2a5a11',
      body: '{"user":"slipway","groups":["system:masters"],"ttl":600}',
    },
    'expires=1763884800,signature=Zoq11Z/GK6grOojgnsnWTpMduwcutYcTToFykhMeAgo=',
  ],
  [
    'a query, whose values are signed in the order of their names',
    { method: 'GET', url: '/v2/instance?manager-type=sks-nodepool&manager-id=0d3ff5ee' },
    'signed-query-args=manager-id;manager-type,expires=1763884800,signature=CZ3QwGc32KtiQ/hoHrk5z17QY77x8h813hfoedg6Tgs=',
  ],
])('signs a request with %s as openssl does', (_what, { url, ...request }, signed) => {
  const header = authorization(
    { key: 'EXOexample', secret: 'an example secret' },
    { ...request, url: new URL(url, 'https://api-ch-gva-2.exoscale.com') },
    1763884800,
  );
  expect(header).toBe(`EXO2-HMAC-SHA256 credential=EXOexample,${signed}`);
});

import { expect, test } from 'vitest';
import { signatureFault } from './signature.ts';

const credentials = { key: 'EXOexample', secret: 'an example secret' };
const expires = 1763884800;
const before = new Date((expires - 60) * 1000);
const header = (rest: string) => `EXO2-HMAC-SHA256 credential=EXOexample,${rest}`;

// The signatures were made with `printf MESSAGE | openssl dgst -sha256 -hmac SECRET -binary | base64`.
const post = {
  method: 'POST',
  url: '/v2/sks-cluster-kubeconfig/0d3ff5ee-97f7-4f22-9c2f-0d1c7e2a5a11',
  body: '{"user":"slipway","groups":["system:masters"],"ttl":600}',
  authorization: header(`expires=${expires},signature=Zoq11Z/GK6grOojgnsnWTpMduwcutYcTToFykhMeAgo=`),
};
const query = {
  method: 'GET',
  url: '/v2/instance?manager-type=sks-nodepool&manager-id=0d3ff5ee',
  body: '',
  authorization: header(
    `signed-query-args=manager-id;manager-type,expires=${expires},signature=CZ3QwGc32KtiQ/hoHrk5z17QY77x8h813hfoedg6Tgs=`,
  ),
};

test.each([
  ['with a body', post],
  ['with a query', query],
])('a request %s that openssl has signed is taken', (_what, request) => {
  expect(signatureFault(request, credentials, before)).toBeUndefined();
});

test.each([
  ['another method', { ...post, method: 'PUT' }, 'wrong signature'],
  ['another path', { ...post, url: `${post.url}/x` }, 'wrong signature'],
  ['another body', { ...post, body: post.body.replace('600', '601') }, 'wrong signature'],
  ['a parameter that is not signed', { ...query, url: `${query.url}&x=1` }, 'signed-query-args'],
  ['another value of a parameter', { ...query, url: query.url.replace('sks', 'sos') }, 'wrong signature'],
  [
    'a later expiry',
    { ...post, authorization: post.authorization.replace('800,', '801,') },
    'wrong signature',
  ],
  ['an unknown key', { ...post, authorization: post.authorization.replace('EXOexample', 'EXO') }, 'unknown'],
  [
    'another scheme',
    { ...post, authorization: post.authorization.replace('EXO2', 'AWS4') },
    'not of the form',
  ],
  ['no signature', { ...post, authorization: undefined }, 'no Authorization'],
])('%s is refused', (_what, request, why) => {
  expect(signatureFault(request, credentials, before)).toContain(why);
});

test('it expires to the second', () => {
  expect(signatureFault(post, credentials, new Date(expires * 1000))).toBeUndefined();
  expect(signatureFault(post, credentials, new Date(expires * 1000 + 1))).toContain('expired');
});

import { generateKeyPairSync } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { expect, test } from 'vitest';
import { type Identity, minter } from './assertion.ts';
import type { Keys } from './keys.ts';

const newKeys = (kid: string): Keys => ({
  kid,
  signing: generateKeyPairSync('ed25519').privateKey,
  published: [],
});
const customer: Identity = { sessionId: 's', userId: 'u', role: 'customer' };
const options = { issuer: 'i', audience: 'a' };

test('it is kept while there are twenty seconds left of its minute', async () => {
  const mint = minter(() => newKeys('one'), options);
  const first = await mint(customer, 1000);
  expect(decodeJwt(first)).toMatchObject({
    iat: 1000,
    exp: 1060,
    iss: 'i',
    aud: 'a',
    sub: 'u',
    sid: 's',
    role: 'customer',
  });
  expect(await mint(customer, 1040)).toBe(first);
  const second = await mint(customer, 1041);
  expect(decodeJwt(second).exp).toBe(1101);
  expect(decodeJwt(second).jti).not.toBe(decodeJwt(first).jti);
});

test('another role, another session or another key is another assertion', async () => {
  let keys = newKeys('one');
  const mint = minter(() => keys, options);
  const first = await mint(customer, 1000);
  expect(decodeJwt(await mint({ ...customer, role: 'admin' }, 1000)).role).toBe('admin');
  expect(decodeJwt(await mint({ ...customer, sessionId: 't' }, 1000)).sid).toBe('t');
  keys = newKeys('two');
  expect(decodeProtectedHeader(await mint(customer, 1000))).toEqual({ alg: 'EdDSA', typ: 'JWT', kid: 'two' });
  expect(decodeProtectedHeader(first).kid).toBe('one');
});

test('it remembers so many sessions and no more', async () => {
  const mint = minter(() => newKeys('one'), { ...options, sessions: 2 });
  const of = (sessionId: string) => mint({ ...customer, sessionId }, 1000);
  const [a, b] = [await of('a'), await of('b')];
  await of('c');
  expect(await of('b')).toBe(b);
  expect(await of('a')).not.toBe(a);
});

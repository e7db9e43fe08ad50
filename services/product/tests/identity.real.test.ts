import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { audience, issuer, openWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const orders = (as?: string, headers: Record<string, string> = {}) =>
  world.ask('GET', '/orders', { as, headers });
const now = () => Math.floor(Date.now() / 1000);

describe('what is believed', () => {
  test('an assertion that the user-manager signed', async () => {
    expect((await orders(await world.signer.sign())).status).toBe(200);
  });

  test('no header besides it', async () => {
    const claimed = { 'x-auth-user': randomUUID(), 'x-auth-role': 'admin' };
    expect((await orders(undefined, claimed)).status).toBe(401);
    const as = await world.signer.sign({ role: 'customer' });
    const body = { name: 'Tea', priceMinor: 1 };
    expect((await world.ask('POST', '/products', { as, headers: claimed, body })).status).toBe(403);
    const bearer = { authorization: `Bearer ${await world.signer.sign()}` };
    expect((await orders(undefined, bearer)).status).toBe(401);
  });

  test.each<[string, Record<string, unknown>]>([
    ['expired', { iat: now() - 120, exp: now() - 60 }],
    ['without an end', { exp: undefined }],
    ['good for too long', { iat: now() - 3600, exp: now() + 3600 }],
    ['not begun', { nbf: now() + 600 }],
    ['from another issuer', { iss: 'https://evil.example.com' }],
    ['for another audience', { aud: 'another' }],
    ['without a subject', { sub: undefined }],
    ['of a subject that is no id', { sub: "' OR 1=1 --" }],
    ['with a role that is none', { role: 'root' }],
    ['without a session', { sid: undefined }],
    ['without an id', { jti: undefined }],
  ])('no assertion that is %s', async (_, claims) => {
    const answer = await orders(await world.signer.sign(claims));
    expect([answer.status, answer.body.type]).toEqual([401, 'urn:shop:problem:invalid-assertion']);
  });

  test.each([
    [
      'no signature',
      async () =>
        new UnsecuredJWT({ role: 'admin' })
          .setSubject(randomUUID())
          .setIssuer(issuer)
          .setAudience(audience)
          .setExpirationTime('1m')
          .encode(),
    ],
    [
      'a key of somebody else, under a known name',
      () => world.signer.sign({}, { key: generateKeyPairSync('ed25519').privateKey }),
    ],
    [
      'the public key as an HMAC secret',
      async () => {
        const { keys } = (await (await fetch(world.signer.url)).json()) as { keys: [{ x: string }] };
        return new SignJWT({ role: 'admin', sid: 'x' })
          .setProtectedHeader({ alg: 'HS256', kid: 'first' })
          .setSubject(randomUUID())
          .setIssuer(issuer)
          .setAudience(audience)
          .setIssuedAt()
          .setJti('x')
          .setExpirationTime('1m')
          .sign(Buffer.from(keys[0].x, 'base64url'));
      },
    ],
    ['a signature that was changed', async () => (await world.signer.sign()).replace(/.{4}$/, 'AAAA')],
    ['two of them', async () => `${await world.signer.sign()}, ${await world.signer.sign()}`],
    ['nothing that is one', async () => 'e30.e30.e30'],
  ] as [string, () => Promise<string>][])('no assertion with %s', async (_, make) => {
    expect((await orders(await make())).status).toBe(401);
  });
});

test('a key that is new is fetched when it has signed', async () => {
  const fresh = await openWorld({ url: world.databaseUrl });
  try {
    fresh.signer.addKey('second');
    const as = await fresh.signer.sign({}, { kid: 'second' });
    expect((await fresh.ask('GET', '/orders', { as })).status).toBe(200);
    for (let count = 0; count < 5; count++) await fresh.ask('GET', '/orders', { as });
    expect(fresh.signer.asked()).toBe(1);
  } finally {
    await fresh.close();
  }
});

test('keys that cannot be fetched let nobody in, and the catalogue stays open', async () => {
  const lost = await openWorld({ url: world.databaseUrl });
  try {
    const as = await lost.signer.sign();
    lost.signer.close();
    const answer = await lost.ask('GET', '/orders', { as });
    expect([answer.status, answer.body.type]).toEqual([503, 'urn:shop:problem:keys-unavailable']);
    expect((await lost.ask('GET', '/products')).status).toBe(200);
  } finally {
    await lost.close();
  }
});

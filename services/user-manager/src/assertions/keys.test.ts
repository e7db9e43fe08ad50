import { generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SettingsError } from '../server/settings.ts';
import { keyring, readKeys } from './keys.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keys-'));
});
afterEach(() => rm(folder, { recursive: true }));

const ed25519 = () =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const put = async (name: string, text = ed25519()) => {
  await writeFile(join(folder, name), text);
  return join(folder, name);
};

test('one file signs and is published, without its private half', async () => {
  const { kid, published } = await readKeys(await put('any.key'));
  expect(published).toEqual([
    { kty: 'OKP', crv: 'Ed25519', x: expect.any(String), kid, use: 'sig', alg: 'EdDSA' },
  ]);
});

test('the name of a key is made of the key, so that every replica names it alike', async () => {
  const pem = ed25519();
  const [first, second] = [await readKeys(await put('a.pem', pem)), await readKeys(await put('b.txt', pem))];
  expect(first.kid).toBe(second.kid);
});

test('a rotation: the next key is known before it signs, the one before still is afterwards', async () => {
  const [old, next] = [ed25519(), ed25519()];
  await put('signing-key.pem', old);
  const alone = await readKeys(folder);
  await put('next.pem', next);
  const both = await readKeys(folder);
  expect([both.kid, both.published.length]).toEqual([alone.kid, 2]);
  await put('previous.pem', old);
  await put('signing-key.pem', next);
  await rm(join(folder, 'next.pem'));
  const after = await readKeys(folder);
  expect(after.kid).not.toBe(alone.kid);
  expect(after.published.map(key => key.kid).sort()).toEqual(both.published.map(key => key.kid).sort());
});

test('what lies beside the keys is left alone, as in a mounted Secret', async () => {
  await mkdir(join(folder, '..data'));
  await put('..data/tls.pem');
  await symlink('..data/tls.pem', join(folder, 'tls.pem'));
  await put('README', 'no key');
  expect((await readKeys(folder)).published).toHaveLength(1);
});

const rsa = () =>
  generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
const publicKey = () =>
  generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();

test.each([
  ['no file', async () => join(folder, 'none.pem'), 'cannot be read (ENOENT)'],
  ['an empty folder', async () => folder, 'holds 0 *.pem files'],
  [
    'two keys of which none is the one that signs',
    () => Promise.all([put('a.pem'), put('b.pem')]).then(() => folder),
    'none is signing-key.pem',
  ],
  ['an RSA key', () => put('a.pem', rsa()), 'is no Ed25519 key'],
  ['a public key', () => put('a.pem', publicKey()), 'is no Ed25519 key'],
  ['rubbish', () => put('a.pem', 'secret'), 'is no Ed25519 key'],
])('%s: there is no key to fall back on', async (_, make, message) => {
  const error = await readKeys(await make()).catch(error => error);
  expect(error).toBeInstanceOf(SettingsError);
  expect(error.message).toContain(message);
});

test('a change on disk is seen without a restart, and a half-written one does no harm', async () => {
  await put('signing-key.pem');
  const failures: string[] = [];
  const keys = await keyring(folder, { every: 10, failed: error => failures.push(error.message) });
  try {
    const { kid } = keys.current();
    await put('signing-key.pem', 'half');
    await expect.poll(() => failures.length).toBeGreaterThan(0);
    expect(keys.current().kid).toBe(kid);
    await put('new', ed25519());
    await rename(join(folder, 'new'), join(folder, 'signing-key.pem'));
    await expect.poll(() => keys.current().kid).not.toBe(kid);
  } finally {
    keys.close();
  }
});

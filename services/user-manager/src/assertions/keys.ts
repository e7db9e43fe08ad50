import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { SettingsError } from '../server/settings.ts';

export interface Keys {
  kid: string;
  signing: KeyObject;
  /** Public halves: of the key that signs, of the next one, and of the one before. */
  published: JWK[];
}

/**
 * Reads the key that signs, and those that are only published. In a folder `signing-key.pem` signs; every other *.pem is
 * published, so that it is known before it signs and still known afterwards. A folder of one key needs no such name.
 * @throws {SettingsError} when there is no key, or one that is not Ed25519
 */
export async function readKeys(path: string): Promise<Keys> {
  const files = await list(path);
  const signing = files.length === 1 ? files[0] : files.find(file => basename(file) === 'signing-key.pem');
  if (!signing)
    throw new SettingsError(
      `${path} holds ${files.length} *.pem files and none is signing-key.pem: name the one that signs so.`,
    );
  const keys = await Promise.all(files.map(async file => [file, await read(file)] as const));
  const [, current] = keys.find(([file]) => file === signing) ?? [];
  if (!current) throw new SettingsError(`${signing} could not be read.`);
  return { kid: current.jwk.kid, signing: current.key, published: keys.map(([, { jwk }]) => jwk) };
}

async function list(path: string): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = (await readdir(path)).filter(name => name.endsWith('.pem')).sort();
    return names.map(name => join(path, name));
  } catch (error) {
    throw new SettingsError(
      `SIGNING_KEY_FILE ${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`,
    );
  }
}

async function read(file: string): Promise<{ key: KeyObject; jwk: JWK & { kid: string } }> {
  const pem = await readFile(file, 'utf8').catch(error => {
    throw new SettingsError(`${file} cannot be read (${error.code}).`);
  });
  const wrong = `${file} is no Ed25519 key: make one with "openssl genpkey -algorithm ed25519".`;
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    throw new SettingsError(wrong);
  }
  if (key.asymmetricKeyType !== 'ed25519') throw new SettingsError(wrong);
  const jwk = createPublicKey(key).export({ format: 'jwk' }) as JWK;
  return { key, jwk: { ...jwk, kid: await calculateJwkThumbprint(jwk), use: 'sig', alg: 'EdDSA' } };
}

/** The keys as they are on disk, looked at again every so often: a rotated Secret needs no restart. */
export async function keyring(path: string, { every = 30_000, failed = (_: Error) => {} } = {}) {
  let keys = await readKeys(path);
  const timer = setInterval(async () => {
    try {
      keys = await readKeys(path);
    } catch (error) {
      failed(error as Error); // halfway through an update; what was read before still holds
    }
  }, every).unref();
  return { current: () => keys, close: () => clearInterval(timer) };
}

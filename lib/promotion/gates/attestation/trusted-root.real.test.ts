import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sigstore } from './testing.ts';
import { publicTrustedRoots } from './trusted-root.ts';
import { refusal } from './verify.ts';

/* A repository of The Update Framework, as Sigstore has one, with a key of our own for every role. */

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const hex = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('hex');
const keyid = 'a'.repeat(64);
const folder = mkdtempSync(join(tmpdir(), 'tuf-'));
const files = new Map<string, string>();
let server: Server;
let mirrorURL: string;

/** Keys in order and no blanks: https://wiki.laptop.org/go/Canonical_JSON */
const canonical = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(',')}}`;
};

function signed(type: string, rest: object): string {
  const said = { _type: type, spec_version: '1.0.31', version: 1, expires: '2100-01-01T00:00:00Z', ...rest };
  const sig = sign(null, Buffer.from(canonical(said)), privateKey).toString('hex');
  return JSON.stringify({ signed: said, signatures: [{ keyid, sig }] });
}

const role = { keyids: [keyid], threshold: 1 };
const root = signed('root', {
  consistent_snapshot: false,
  keys: { [keyid]: { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: hex } } },
  roles: { root: role, timestamp: role, snapshot: role, targets: role },
});

function publish(trustedRoot: string): void {
  const hashes = { sha256: createHash('sha256').update(trustedRoot).digest('hex') };
  files.set('/targets/trusted_root.json', trustedRoot);
  files.set(
    '/targets.json',
    signed('targets', { targets: { 'trusted_root.json': { length: trustedRoot.length, hashes } } }),
  );
  files.set('/snapshot.json', signed('snapshot', { meta: { 'targets.json': { version: 1 } } }));
  files.set('/timestamp.json', signed('timestamp', { meta: { 'snapshot.json': { version: 1 } } }));
}

beforeAll(async () => {
  server = createServer(({ url = '' }, response) => {
    const text = files.get(url);
    response.writeHead(text === undefined ? 404 : 200).end(text);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  mirrorURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  writeFileSync(join(folder, 'root.json'), root);
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

let attempt = 0;
const fetched = () =>
  publicTrustedRoots(join(folder, String(attempt++)), { mirrorURL, rootPath: join(folder, 'root.json') });

test('the trusted root comes by The Update Framework, and what it vouches for holds', async () => {
  const instance = await sigstore();
  publish(JSON.stringify(instance.trustedRoot));
  const digest = `sha256:${'1'.repeat(64)}`;
  const repository = 'https://github.com/acme/ui';
  const workflow = 'acme/ui/.github/workflows/release.yml';
  const bundle = await instance.attest({ digest, repository, workflow: `${workflow}@refs/heads/main` });
  expect(refusal(bundle, { digest, repository, workflow }, await fetched())).toBeUndefined();
});

test('a root that was exchanged on the way, or is not there, is one sentence', async () => {
  publish(JSON.stringify((await sigstore()).trustedRoot));
  files.set('/targets/trusted_root.json', JSON.stringify((await sigstore()).trustedRoot));
  await expect(fetched()).rejects.toThrow(
    /^Sigstore's trusted root could not be fetched from http:\/\/127\.0\.0\.1:\d+ \(.+\): let the runner/,
  );
  files.set('/targets.json', (files.get('/targets.json') ?? '').replace('2100', '2101'));
  await expect(fetched()).rejects.toMatchObject({ name: 'UserError' });
  files.clear();
  await expect(fetched()).rejects.toMatchObject({ name: 'UserError' });
});

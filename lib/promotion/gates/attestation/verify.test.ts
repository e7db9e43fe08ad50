import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Instance, sigstore, type Wish } from './testing.ts';
import { readTrustedRoots } from './trusted-root.ts';
import { type Expected, refusal } from './verify.ts';

const digest = `sha256:${'1'.repeat(64)}`;
const repository = 'https://github.com/acme/ui';
const workflow = 'acme/ui/.github/workflows/release.yml';
const wish: Wish = { digest, repository, workflow: `${workflow}@refs/heads/main` };
const expected: Expected = { digest, repository, workflow };

let instance: Instance;
let bundle: Bundle;
interface Bundle {
  verificationMaterial: { certificate: unknown; tlogEntries: unknown[]; timestampVerificationData: unknown };
  dsseEnvelope: { payload: string; payloadType: string; signatures: { sig: string }[] };
}

beforeAll(async () => {
  instance = await sigstore();
  bundle = (await instance.attest(wish)) as unknown as Bundle;
});

const say = (json: unknown, about: Partial<Expected> = {}, by = instance) =>
  refusal(json, { ...expected, ...about }, [TrustedRoot.fromJSON(by.trustedRoot)]);
const attested = async (more: Partial<Wish>) => say(await instance.attest({ ...wish, ...more }));

test.each<[string, Partial<Expected>]>([
  ['any ref', {}],
  ['the very ref', { ref: 'refs/heads/main' }],
  ['a ref by a pattern', { ref: 'refs/heads/*' }],
  [
    'a repository in other capitals, which is the same to GitHub',
    { repository: 'https://github.com/Acme/UI', workflow: 'ACME/Ui/.github/workflows/release.yml' },
  ],
])('an attestation of the digest by the workflow holds: %s', (_, about) => {
  expect(say(bundle, about)).toBeUndefined();
});

test.each<[string, Partial<Expected>, RegExp]>([
  ['another digest', { digest: `sha256:${'2'.repeat(64)}` }, /^it is about another digest$/],
  ['another workflow', { workflow: 'acme/ui/.github/workflows/other.yml' }, /^it was made by https:/],
  ['a workflow whose name begins so', { workflow: workflow.slice(0, -1) }, /^it was made by https:/],
  // A dot is no wildcard: release_yml is another file.
  [
    'a name that fits as a pattern',
    { workflow: workflow.replace('release.yml', 'r.lease.yml') },
    /^it was made by /,
  ],
  ['a file in other capitals', { workflow: 'acme/ui/.github/workflows/Release.yml' }, /^it was made by/],
  ['another ref', { ref: 'refs/tags/*' }, /^it was made by https:/],
  [
    'another repository',
    { repository: 'https://github.com/acme/product' },
    /^it was not built from https:\/\/github\.com\/acme\/product$/,
  ],
])('wanted is %s: refused', (_, about, why) => {
  expect(say(bundle, about)).toMatch(why);
});

test.each<[string, Partial<Wish>, RegExp]>([
  ['for another digest', { digest: `sha256:${'2'.repeat(64)}` }, /about another digest/],
  ['of a fork', { repository: 'https://github.com/evil/ui' }, /^it was not built from/],
  [
    "of a fork's workflow",
    { workflow: 'evil/ui/.github/workflows/release.yml@refs/heads/main' },
    /^it was made by /,
  ],
  [
    'whose subject only contains the workflow',
    { workflow: `evil/https://github.com/${workflow}@refs/heads/main` },
    /^it was made by /,
  ],
  ['of another issuer', { issuer: 'https://gitlab.com' }, /issuer/],
  [
    'that is no provenance',
    { predicateType: 'https://spdx.dev/Document/v2.3' },
    /no provenance but https:\/\/spdx/,
  ],
])('a bundle %s is refused', async (_, more, why) => {
  expect(await attested(more)).toMatch(why);
});

const changed = (change: (copy: Bundle) => void): Bundle => {
  const copy = structuredClone(bundle);
  change(copy);
  return copy;
};
const payload = (text: string) => Buffer.from(text).toString('base64');

test.each<[string, (copy: Bundle) => void]>([
  [
    'a payload for another digest',
    ({ dsseEnvelope }) => {
      const said = Buffer.from(dsseEnvelope.payload, 'base64').toString();
      dsseEnvelope.payload = payload(said.replaceAll('1'.repeat(64), '2'.repeat(64)));
    },
  ],
  [
    'a payload with one more byte',
    ({ dsseEnvelope }) => (dsseEnvelope.payload = payload(`${Buffer.from(dsseEnvelope.payload, 'base64')} `)),
  ],
  ['another type of payload', ({ dsseEnvelope }) => (dsseEnvelope.payloadType = 'text/plain')],
  ['no signature', ({ dsseEnvelope }) => (dsseEnvelope.signatures = [])],
  ['no timestamp', ({ verificationMaterial }) => (verificationMaterial.timestampVerificationData = {})],
  ['no certificate', ({ verificationMaterial }) => delete verificationMaterial.certificate],
])('a bundle with %s is refused', (_, change) => {
  const copy = changed(change);
  expect(say(copy)).toBeTruthy();
  expect(say(copy, { digest: `sha256:${'2'.repeat(64)}` })).toBeTruthy();
});

test.each([undefined, null, 'text', 1, [], {}, { dsseEnvelope: null }])('no bundle at all: %j', json => {
  expect(say(json)).toBeTruthy();
});

test('a bundle of another instance is refused', async () => {
  expect(say(bundle, {}, await sigstore())).toBeTruthy();
  expect(refusal(bundle, expected, [])).toBe('there is no trusted root to verify it by');
});

test('a certificate that had expired, or was not valid yet, when it signed is refused', async () => {
  const issuedAt = new Date(Date.now() + 60_000);
  for (const [minutes, holds] of [
    [9, true],
    [11, false], // certificates are good for ten
    [-1 / 2, false],
  ] as const) {
    const late = await sigstore({ issuedAt, signedAt: new Date(issuedAt.getTime() + minutes * 60_000) });
    const found = say(await late.attest(wish), {}, late);
    expect(found === undefined, `${minutes}: ${found}`).toBe(holds);
  }
});

test.each<[string, 'tlogs' | 'ctlogs', RegExp]>([
  ['a transparency log', 'tlogs', /expected 1 tlog entries, got 0/],
  ['a certificate log', 'ctlogs', /expected 1 SCTs, got 0/],
])('where the instance has %s, a bundle must be in it', async (_, logs, why) => {
  const open = await sigstore({ logs: true });
  const trustedRoot = { ...instance.trustedRoot, ...only(open, logs) };
  expect(say(bundle, {}, { ...instance, trustedRoot })).toMatch(why);
});

test('a bundle for whose time nobody vouches is refused', () => {
  const late = changed(({ verificationMaterial }) => (verificationMaterial.timestampVerificationData = {}));
  expect(say(late)).toMatch(/expected 1 timestamps, got 0/);
});

test('where the instance has public logs, a bundle must be in them', async () => {
  const open = await sigstore({ logs: true });
  const logged = (await open.attest(wish)) as unknown as Bundle;
  expect(say(logged, {}, open)).toBeUndefined();
  expect(
    say({ ...logged, verificationMaterial: { ...logged.verificationMaterial, tlogEntries: [] } }, {}, open),
  ).toBeTruthy();
  // The certificate of an instance without logs carries no proof that it was logged.
  const both = { ...open.trustedRoot, ...only(instance, 'certificateAuthorities', 'timestampAuthorities') };
  expect(say(bundle, {}, { ...open, trustedRoot: both })).toBeTruthy();
  // The entry of another bundle.
  const other = (await open.attest(wish)) as unknown as Bundle;
  const swapped = {
    ...logged,
    verificationMaterial: {
      ...logged.verificationMaterial,
      tlogEntries: other.verificationMaterial.tlogEntries,
    },
  };
  expect(say(swapped, {}, open)).toBeTruthy();
});

const only = ({ trustedRoot }: Instance, ...keys: string[]) =>
  Object.fromEntries(keys.map(key => [key, trustedRoot[key]]));

const folder = mkdtempSync(join(tmpdir(), 'trusted-root-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (text: string) => {
  const path = join(folder, 'root.json');
  writeFileSync(path, text);
  return path;
};

test('trusted roots are read as one text or as lines, and any of them will do', async () => {
  const [a, b] = [instance.trustedRoot, (await sigstore()).trustedRoot].map(each => JSON.stringify(each));
  expect(await readTrustedRoots(file(JSON.stringify(instance.trustedRoot, null, 2)))).toHaveLength(1);
  const roots = await readTrustedRoots(file(`${b}\n${a}\n`));
  expect(roots).toHaveLength(2);
  expect(refusal(bundle, expected, roots)).toBeUndefined();
});

test.each(['', '{}', 'not json', '{"certificateAuthorities":[]}'])('%j is no trusted root', async text => {
  await expect(readTrustedRoots(file(text))).rejects.toThrow(
    /no trusted root \(.*gh attestation trusted-root/,
  );
});

test('a trusted root that is not there is named', async () => {
  await expect(readTrustedRoots(join(folder, 'missing.json'))).rejects.toThrow(
    /missing\.json could not be read \(ENOENT\)/,
  );
});

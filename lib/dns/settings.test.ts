import { expect, test } from 'vitest';
import type { UserErrors } from '../runner/errors.ts';
import { clusterHash } from './marker.ts';
import { type SettingInputs, settle } from './settings.ts';

const platform = { zone: 'example.com', 'further-zones': ['example.net', 'example.com'], owner: 'shop' };
const defaults: SettingInputs = {
  ...{
    sources: 'ingress',
    ttl: '1',
    proxied: false,
    adopt: false,
    dryRun: false,
    drift: false,
    status: false,
  },
};
const settled = (inputs: Partial<SettingInputs>, dns: typeof platform | undefined = platform) =>
  settle({ ...defaults, ...inputs }, dns);
const alone = (inputs: Partial<SettingInputs>) => settle({ ...defaults, ...inputs }, undefined);
const id = '0123456789abcdef0123456789abcdef';

test('platform.yaml says whose records are written where', () => {
  expect(settled({})).toEqual({
    owner: 'shop',
    zones: [{ name: 'example.com' }, { name: 'example.net' }],
    sources: ['ingress'],
    fallback: undefined,
    defaults: { ttl: 1, proxied: false },
    succession: {
      ...{ adopt: false, takeOver: [], txtOwners: [] },
      txt: { prefix: '', suffix: '', wildcardReplacement: '', key: undefined },
    },
    resolve: undefined,
  });
});

test('the inputs come before platform.yaml, and are enough without it', () => {
  const inputs = { owner: 'acme', zones: `example.org, example.net=${id}` };
  const wanted = { owner: 'acme', zones: [{ name: 'example.org' }, { name: 'example.net', id }] };
  expect(settled(inputs)).toMatchObject(wanted);
  expect(alone(inputs)).toMatchObject(wanted);
  expect(alone({ owner: 'acme', zones: 'example.org', zoneId: id }).zones).toEqual([
    { name: 'example.org', id },
  ]);
});

test('what makes records ours is read from words', () => {
  const key = '0123456789abcdef0123456789abcdef';
  const { succession } = settled({
    ...{ adopt: true, takeOver: 'c-1, c-2', txtOwners: 'old older', txtPrefix: 'x-', txtEncryptAesKey: key },
  });
  expect(succession).toEqual({
    ...{ adopt: true, takeOver: ['c-1', 'c-2'].map(clusterHash), txtOwners: ['old', 'older'] },
    txt: { prefix: 'x-', suffix: '', wildcardReplacement: '', key: Buffer.from(key) },
  });
});

test('a target is where hosts lead that say nothing of their own', () => {
  expect(settled({ target: '203.0.113.1' }).fallback).toEqual({
    targets: [{ type: 'A', content: '203.0.113.1' }],
  });
});

const refused: [Partial<SettingInputs>, RegExp][] = [
  [{ owner: 'Acme!' }, /^Input "owner" is "Acme!"/],
  [{ zones: 'com' }, /^Input "zones" names "com"/],
  [{ zones: ',' }, /^Input "zones" is missing/],
  [{ zoneId: id }, /^Input "zone-id" is for one zone, and there are 2/],
  [{ sources: 'ingres' }, /^There is no source "ingres".*did you mean "ingress"/],
  [{ target: 'a/b/c' }, /^The target "a\/b\/c" is no Service/],
  [{ ttl: '59' }, /^Input "ttl" is "59"/],
  [{ ttl: '86401' }, /^Input "ttl" is "86401"/],
  [{ ttl: '0x3C' }, /^Input "ttl" is "0x3C"/],
  [{ ttl: '1e3' }, /^Input "ttl" is "1e3"/],
  [{ zones: 'example.com', zoneId: '../..' }, /^Input "zone-id" is "..\/.."/],
  [{ ttl: '60.5' }, /^Input "ttl" is "60.5"/],
  [{ ttl: '5m' }, /^Input "ttl" is "5m"/],
  [{ txtPrefix: 'a', txtSuffix: 'b' }, /^Inputs "txt-prefix" and "txt-suffix" exclude each other/],
  [{ txtEncryptAesKey: 'short' }, /^Input "txt-encrypt-aes-key" is no AES-256 key/],
  [{ status: true, resolver: 'dns.example.com' }, /^The resolver "dns.example.com" is no address/],
  [{ resolver: '1.1.1.1' }, /^Input "resolver" is asked for the status only/],
  [{ manifests: 'manifests' }, /^Manifests say what is to be/],
  [{ drift: true, status: true }, /^Input "drift" [^\n]*: leave out "status"$/],
  [{ drift: true, manifests: 'm', dryRun: true }, /^Input "drift" [^\n]*: leave out "manifests"$/],
  [
    { drift: true, status: true, manifests: 'm' },
    /^Input "drift" looks at the cluster and at its records: leave out "status" and "manifests"$/,
  ],
];

test.each(refused)('%j is refused', (inputs, message) => {
  expect(() => settled(inputs)).toThrow(message);
});

test('without platform.yaml an owner and zones are asked for', () => {
  expect(() => alone({})).toThrow(/^Input "owner" is missing.*\nInput "zones" is missing/);
});

test('all that is wrong is told at once', () => {
  const wrong = {
    ...{ owner: 'Acme!', zones: 'com a.example=1', sources: 'ingres', target: 'a/b/c', ttl: '5' },
    ...{ txtPrefix: 'a', txtSuffix: 'b', txtEncryptAesKey: 'short', resolver: 'nowhere', manifests: 'm' },
  };
  try {
    settled(wrong);
    expect.unreachable();
  } catch (error) {
    const { errors } = error as UserErrors;
    expect(errors.map(({ message }) => message.split(' ').slice(0, 3).join(' '))).toEqual([
      'Input "owner" is',
      'Input "zones" names',
      'Input "zones" has',
      'There is no',
      'The target "a/b/c"',
      'Input "ttl" is',
      'Inputs "txt-prefix" and',
      'Input "txt-encrypt-aes-key" is',
      'The resolver "nowhere"',
      'Input "resolver" is',
      'Manifests say what',
    ]);
  }
});

test('while platform.yaml has mistakes of its own, what it may say is not missed, and the rest is told', () => {
  expect(() => settle({ ...defaults, ttl: '5' }, 'unknown')).toThrow(/^Input "ttl" is "5"[^\n]*$/);
  expect(() => settle({ ...defaults, owner: 'Acme!' }, 'unknown')).toThrow(
    /^Input "owner" is "Acme!"[^\n]*$/,
  );
});

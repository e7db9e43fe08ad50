import { expect, test } from 'vitest';
import type { DnsRecord } from '../cloudflare/cloudflare.ts';
import { aesKey, type TxtFormat, txtRegistry } from './txt-registry.ts';

const plain = { prefix: '', suffix: '', wildcardReplacement: '' };
const content = '"heritage=external-dns,external-dns/owner=old,external-dns/resource=ingress/shop/web"';
const txt = (name: string, text = content): DnsRecord => ({
  ...{ id: name, name, type: 'TXT', content: text, ttl: 1, proxied: false, comment: null },
});
const found = (txtName: string, about: { name: string; type: string }, format: Partial<TxtFormat> = {}) =>
  txtRegistry([txt(txtName)], { ...plain, ...format }).of(about)[0]?.owner === 'old';

// As external-dns itself reads them: registry/mapper/mapper_test.go.
test.each<[string, Partial<TxtFormat>, string, string, boolean]>([
  ['a-foo.example.com', {}, 'foo.example.com', 'A', true],
  ['aaaa-foo.example.com', {}, 'foo.example.com', 'AAAA', true],
  ['cname-foo.example.com', {}, 'foo.example.com', 'CNAME', true],
  ['A-Foo.Example.com', {}, 'foo.example.com', 'A', true],
  ['a-foo.example.com', {}, 'foo.example.com', 'AAAA', false],
  ['foo.example.com', {}, 'foo.example.com', 'A', true],
  ['foo.example.com', {}, 'foo.example.com', 'AAAA', false],
  ['a-foo.example.com', {}, 'a-foo.example.com', 'A', false],
  ['a-a-foo.example.com', {}, 'a-foo.example.com', 'A', true],
  ['x-a-foo.example.com', { prefix: 'x-' }, 'foo.example.com', 'A', true],
  ['x-foo.example.com', { prefix: 'x-' }, 'foo.example.com', 'A', true],
  ['a-foo.example.com', { prefix: 'x-' }, 'foo.example.com', 'A', false],
  ['_txt.a-foo.example.com', { prefix: '_txt.' }, 'foo.example.com', 'A', true],
  ['_txt.a-example.com', { prefix: '_txt.' }, 'example.com', 'A', true],
  ['cname-x.foo.example.com', { prefix: '%{record_type}-x.' }, 'foo.example.com', 'CNAME', true],
  ['x-cname.foo.example.com', { prefix: 'x-%{Record_Type}.' }, 'foo.example.com', 'CNAME', true],
  ['-x.foo.example.com', { prefix: '%{record_type}-x.' }, 'foo.example.com', 'CNAME', true],
  ['a-foo-x.example.com', { suffix: '-x' }, 'foo.example.com', 'A', true],
  ['foo-x.example.com', { suffix: '-x' }, 'foo.example.com', 'A', true],
  ['foo-a-x.example.com', { suffix: '-%{record_type}-x' }, 'foo.example.com', 'A', true],
  ['a-foo-x.txt.example.com', { suffix: '-x.txt' }, 'foo.example.com', 'A', true],
  ['a-*.example.com', {}, '*.example.com', 'A', true],
  ['a-any.example.com', { wildcardReplacement: 'any' }, '*.example.com', 'A', true],
  ['a-any.example.com', {}, '*.example.com', 'A', false],
  ['x-a-any.example.com', { prefix: 'x-', wildcardReplacement: 'Any' }, '*.example.com', 'A', true],
])('%s with %j speaks of %s %s: %s', (txtName, format, name, type, expected) => {
  expect(found(txtName, { name, type }, format)).toBe(expected);
});

// The two sealed texts and their key are external-dns's own: endpoint/labels_test.go.
const key = aesKey(')K_Fy|?Z.64#UuHm`}[d!GC%WJM_fs{_');
const sealed =
  '+lvP8q9KHJ6BS6O81i2Q6DLNdf2JSKy8j/gbZKviTZlGYj7q+yDoYMgkQ1hPn6urtGllM5bfFMcaaHto52otQtiOYrX8990J3kQqg4s47m3bH3Ejl8RSxSSuWJM3HJtPghQzYg0/LSOsdQ0=';
const about = { name: 'foo.example.com', type: 'A' };

test.each<[string, string, TxtFormat['key'], object | undefined]>([
  ['quoted', content, undefined, { owner: 'old', resource: 'ingress/shop/web' }],
  ['bare', content.slice(1, -1), undefined, { owner: 'old', resource: 'ingress/shop/web' }],
  ['in two strings', content.replace('owner', 'ow" "ner'), undefined, { owner: 'old' }],
  ['sealed', sealed, key, { owner: 'foo-owner', resource: 'foo-resource' }],
  ['sealed and quoted', `"${sealed}"`, key, { owner: 'foo-owner' }],
  ['sealed, without the key', sealed, undefined, undefined],
  ['sealed, with another key', sealed, aesKey('x'.repeat(32)), undefined],
  ['sealed, and tampered with', sealed.replace('lvP8', 'lvP9'), key, undefined],
  ['plain, although there is a key', content, key, { owner: 'old' }],
  ['of another heritage', content.replace('=external-dns', '=internal-dns'), undefined, undefined],
  ['something else', '"v=spf1 -all"', key, undefined],
  ['empty', '', key, undefined],
])('a text that is %s', (_, text, sealing, ownership) => {
  const registry = txtRegistry([txt('a-foo.example.com', text)], { ...plain, key: sealing });
  expect(registry.of(about)).toMatchObject(ownership ? [ownership] : []);
});

test('the record of the new format comes before that of the old', () => {
  const older = txt('foo.example.com', content.replace('owner=old', 'owner=older'));
  const registry = txtRegistry([older, txt('a-foo.example.com')], plain);
  expect(registry.of(about).map(({ owner }) => owner)).toEqual(['old', 'older']);
  expect(registry.of({ ...about, type: 'CNAME' }).map(({ owner }) => owner)).toEqual(['older']);
  expect(registry.at('foo.example.com').map(({ txt: { name } }) => name)).toEqual([
    'foo.example.com',
    'a-foo.example.com',
  ]);
});

test('a key is 32 characters or their base64', () => {
  expect(aesKey(Buffer.from(key).toString('base64'))).toEqual(key);
  expect(() => aesKey('short')).toThrow(/^Input "txt-encrypt-aes-key" is no AES-256 key: give/);
});

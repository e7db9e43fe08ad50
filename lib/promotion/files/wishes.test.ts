import { expect, test } from 'vitest';
import { helmPathText, isHelmPath, parseHelmPath } from './helm-map.ts';
import { readWishes } from './wishes.ts';

const digest = `sha256:${'1'.repeat(64)}`;

test.each([
  ['ghcr.io/acme/ui:v1', { name: 'ghcr.io/acme/ui', repository: 'ghcr.io/acme/ui', tag: 'v1' }],
  [`ui=ghcr.io/acme/ui:v1@${digest}`, { name: 'ui', repository: 'ghcr.io/acme/ui', tag: 'v1', digest }],
  ['ui=:v1', { name: 'ui', repository: undefined, tag: 'v1' }],
  [`ui=@${digest}`, { name: 'ui', repository: undefined, digest }],
  [`  ui=registry:5000/ui:v1  `, { name: 'ui', repository: 'registry:5000/ui', tag: 'v1' }],
])('the image %j', (image, expected) => {
  expect(readWishes({ image }).images).toMatchObject([expected]);
});

test.each([
  ['v1', { source: undefined, revision: 'v1' }],
  ['1.2.3+build.1', { source: undefined, revision: '1.2.3+build.1' }],
  ['https://github.com/acme/ui?a=b=v1', { source: 'https://github.com/acme/ui?a=b', revision: 'v1' }],
])('the revision %j', (revision, expected) => {
  expect(readWishes({ revision }).revisions).toMatchObject([expected]);
});

test.each([
  ['nothing', {}, /^Nothing is given/],
  ['an image without version', { image: 'ui=ghcr.io/acme/ui' }, /names no version/],
  ['a name alone', { image: 'ui' }, /or NAME=:TAG where its repository stays/],
  [
    'latest',
    { image: 'ui=ghcr.io/acme/ui:latest' },
    /moves: give the tag, or the digest, that "latest" stands/,
  ],
  [
    'a digest that is cut short',
    { image: `ui=:v1@${digest.slice(0, 19)}` },
    /no whole digest: write all 64 digits .* \(here are 12\)$/,
  ],
  ['a version without name', { image: ':v1' }, /names no version/],
  ['no reference', { image: 'ui=GHCR.io/Acme/ui:v1' }, /names no version/],
  ['a shell line', { image: 'ui=$(id):v1' }, /names no version/],
  ['the same image twice', { image: 'ui=:v1\nui=:v2' }, /image ui is given twice/],
  ['two revisions of one source', { revision: 'v1\nv2' }, /revision of the only source is given twice/],
  ['a branch', { revision: 'main' }, /no fixed revision/],
  ['an option', { revision: '--force' }, /no fixed revision/],
  ['a path upwards', { revision: 'a/../b' }, /no fixed revision/],
  [
    'helm for an image that is not given',
    { image: 'ui=:v1', helm: 'iu: image' },
    /no image of that name is given/,
  ],
  ['helm that is no map', { image: 'ui=:v1', helm: 'image' }, /no list of names/],
  ['helm that is no YAML', { image: 'ui=:v1', helm: 'ui: [' }, /no list of names/],
  [
    'helm with a part that no image has',
    { image: 'ui=:v1', helm: 'ui: { version: a }' },
    /does not say where "ui"/,
  ],
  [
    'helm without tag or digest',
    { image: 'ui=:v1', helm: 'ui: { repository: a }' },
    /does not say where "ui"/,
  ],
  [
    'helm with an image and parts',
    { image: 'ui=:v1', helm: 'ui: { image: a, tag: b }' },
    /does not say where "ui"/,
  ],
  ['a path with a hole', { image: 'ui=:v1', helm: 'ui: a..b' }, /is no path/],
  ['an empty path', { image: 'ui=:v1', helm: 'ui: ""' }, /no path/],
])('%s is refused', (_, wanted, message) => {
  expect(() => readWishes(wanted)).toThrow(message);
});

test('everything that is wrong is told at once', () => {
  expect(() => readWishes({ image: 'a\nb', revision: 'HEAD', helm: 'ui: {}' })).toThrow(
    /"a" names no version.*\n"b" names no version.*\n"HEAD" is no fixed.*\n.*does not say where "ui"/,
  );
});

test.each([
  ['image.tag', ['image', 'tag']],
  ['a\\.b/c.d', ['a.b/c', 'd']],
  ['list[0].image', ['list', 0, 'image']],
  ['list[0][1]', ['list', 0, 1]],
  ['tag', ['tag']],
])('the path %s', (text, path) => {
  expect(parseHelmPath('ui', text)).toEqual(path);
  expect(helmPathText(path)).toBe(text);
  expect(isHelmPath(text, path)).toBe(true);
});

import fc from 'fast-check';
import compare from 'semver/functions/compare.js';
import { expect, test } from 'vitest';
import type { Ancestry } from '../../github/ancestry.ts';
import type { Tags } from '../../platform/platform.ts';
import { commitOf, objection, relation } from './policy.ts';

const at = (tag?: string) => ({ tag, revision: 'v1' });

test.each<[Tags, string | undefined, RegExp | undefined]>([
  [{ semver: '^1.4' }, '1.4.0', undefined],
  [{ semver: '^1.4' }, 'v1.9.3', undefined],
  [{ semver: '^1.4' }, '2.0.0', /outside of \^1\.4/],
  [{ semver: '^1.4' }, '1.5.0-rc.1', /is a pre-release, and the range \^1\.4 names none/],
  [{ semver: '^1.5.0-rc.1' }, '1.5.0-rc.2', undefined],
  // npm's rule: a pre-release is admitted only where the range names one of the same three numbers.
  [{ semver: '^1.5.0-rc.1' }, '1.6.0-rc.1', /is a pre-release/],
  [{ semver: '*' }, 'main-3', /is no semantic version/],
  [{ semver: '*' }, '01.2.3', /is no semantic version/],
  [{ semver: '^1' }, undefined, /has no tag, and its tags must be within \^1/],
  [{ semver: '^1', pattern: 'ui-(.*)' }, 'ui-1.2.3', undefined],
  [{ semver: '^1', pattern: 'ui-(.*)' }, 'product-1.2.3', /does not match \/ui-\(\.\*\)\//],
  [{ pattern: 'main-\\d+' }, 'main-12', undefined],
  // All of the tag: nobody wants "not-main-12-dirty" because it holds the text somewhere.
  [{ pattern: 'main-\\d+' }, 'main-12-dirty', /does not match/],
  [{ pattern: 'a|b' }, 'ab', /does not match/],
  [{ pattern: 'main-(.+)', newest: 'numeric' }, 'main-12', undefined],
  [{ pattern: 'main-(.+)', newest: 'numeric' }, 'main-x', /"x" of the tag "main-x" is no number/],
  [{ newest: 'commits' }, undefined, undefined],
  [{}, undefined, undefined],
])('the policy %j and the tag %s', (tags, tag, expected) => {
  const found = objection(tags, at(tag));
  if (expected) expect(found).toMatch(expected);
  else expect(found).toBeUndefined();
});

test.each<[Tags, string | undefined, string | undefined, string]>([
  [{ semver: '*' }, '1.9.0', '1.10.0', 'newer'],
  [{ semver: '*' }, 'v1.10.0', '1.9.0', 'older'],
  [{ semver: '*' }, '1.0.0', '1.0.0-rc.1', 'older'],
  [{ semver: '*' }, '1.0.0', 'v1.0.0', 'same'],
  [{ semver: '*' }, 'main-3', '1.0.0', 'unordered'],
  [{ semver: '*' }, undefined, '1.0.0', 'unordered'],
  [{ pattern: 'main-(\\d+)', newest: 'numeric' }, 'main-9', 'main-10', 'newer'],
  [{ pattern: 'main-(\\d+)', newest: 'numeric' }, 'main-010', 'main-10', 'same'],
  [
    { pattern: '(\\d+)', newest: 'numeric' },
    '1764230400000000001',
    '1764230400000000000', // the same when they are numbers of JavaScript
    'older',
  ],
  [{ pattern: 'main-(\\w+)', newest: 'alphabetical' }, 'main-9', 'main-10', 'older'],
  [{ pattern: 'main-(\\w+)', newest: 'alphabetical' }, 'main-20260101', 'main-20260102', 'newer'],
  [{ pattern: 'main-(\\d+)', newest: 'numeric' }, 'v1', 'main-10', 'unordered'],
  [{ pattern: '.*' }, 'b', 'a', 'unordered'],
  [{ pattern: 'ui-(.*)' }, 'ui-1.1.0', 'ui-1.0.0', 'older'],
  [{}, 'v1.1.0', 'v0.9.0', 'older'],
  [{}, '1.1.0', '1.2.0', 'newer'],
  [{}, 'main-2', 'main-1', 'unordered'],
  // What stands there is outside of the policy: nothing is older.
  [{ semver: '^2' }, '3.0.0', '2.1.0', 'unordered'],
  [{ semver: '^1' }, '1.5.0-rc.1', '1.4.0', 'unordered'],
])('%j: from %s to %s is %s', (tags, from, to, expected) => {
  expect(relation(tags, at(from), at(to))).toBe(expected);
});

test.each<[Ancestry | undefined, unknown]>([
  ['ahead', 'newer'],
  ['behind', 'older'],
  ['identical', 'same'],
  ['diverged', { unknown: 'neither commit comes after the other' }],
  [undefined, { unknown: expect.stringMatching(/^GitHub knows not both/) }],
])('by commits: %s', (ancestry, expected) => {
  expect(relation({ newest: 'commits' }, at('a'), at('b'), ancestry)).toEqual(expected);
});

test('the commit is what the pattern captures, and else the revision', () => {
  expect(commitOf({ newest: 'commits', pattern: 'main-([0-9a-f]{7})' }, at('main-0123abc'))).toBe('0123abc');
  expect(commitOf({ newest: 'commits', pattern: 'main-.*' }, at('main-0123abc'))).toBe('v1');
  expect(commitOf({ newest: 'commits' }, at())).toBe('v1');
});

const number = fc.nat(30);
const version = fc
  .tuple(number, number, number, fc.option(fc.constantFrom('rc.1', 'rc.2', 'alpha'), { nil: undefined }))
  .map(([major, minor, patch, early]) => `${major}.${minor}.${patch}${early ? `-${early}` : ''}`);
const orders: [string, Tags, fc.Arbitrary<string>][] = [
  ['semver', { semver: '*' }, version.filter(text => !text.includes('-'))],
  ['no order chosen', {}, version],
  ['numeric', { pattern: 'b(\\d+)', newest: 'numeric' }, fc.bigInt(0n, 2n ** 70n).map(n => `b${n}`)],
  [
    'alphabetical',
    { pattern: 'b(\\w+)', newest: 'alphabetical' },
    fc.stringMatching(/^\w{1,6}$/).map(text => `b${text}`),
  ],
];

test.each(orders)('%s is an order: one of two is newer, and newer goes on', (_, tags, tag) => {
  const step = (from: string, to: string) => relation(tags, at(from), at(to));
  const turned = { newer: 'older', older: 'newer', same: 'same' } as Record<string, string>;
  fc.assert(
    fc.property(tag, tag, tag, (a, b, c) => {
      expect(step(b, a)).toBe(turned[step(a, b) as string]);
      expect(step(a, a)).toBe('same');
      if (step(a, b) === 'newer' && step(b, c) === 'newer') expect(step(a, c)).toBe('newer');
    }),
  );
});

test('without an order, revisions tell where tags do not', () => {
  const from = { tag: 'main-1', revision: 'v1.1.0' };
  expect(relation({}, from, { tag: 'main-0', revision: 'v1.0.0' })).toBe('older');
  expect(relation({}, from, { tag: 'main-0', revision: 'c' }, 'behind')).toBe('older');
  expect(relation({}, from, { tag: 'main-0', revision: 'c' })).toBe('unordered');
});

test('a pre-release passes no range without one, and what passes has the order of npm', () => {
  const ranges = fc.constantFrom('*', '^1', '>=2 <20', '1.x || 3.x');
  fc.assert(
    fc.property(ranges, version, version, (semver, a, b) => {
      const passes = (tag: string) => objection({ semver }, at(tag)) === undefined;
      if (a.includes('-')) expect(passes(a)).toBe(false);
      const expected = compare(b, a) > 0 ? 'newer' : compare(b, a) < 0 ? 'older' : 'same';
      expect(relation({ semver }, at(a), at(b))).toBe(passes(a) ? expected : 'unordered');
    }),
  );
});

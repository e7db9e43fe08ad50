import { expect, test } from 'vitest';
import { allowedVersions, etag, isKnown } from './etag.ts';

const current = etag({ version: 3, stock: 7 });

test.each([
  [undefined, false],
  ['', false],
  ['*', true],
  ['"3-7"', true],
  ['W/"3-7"', true],
  ['"1-1", "3-7"', true],
  ['"3-8"', false],
  ['3-7', false],
  ['"3-7', false],
])('If-None-Match: %s', (header, expected) => {
  expect(isKnown(header, current)).toBe(expected);
});

test.each([
  ['*', undefined],
  ['"3-7"', [3]],
  ['"3-0"', [3]],
  ['"1-1", "3-7"', [1, 3]],
  ['W/"3-7"', []],
  ['"9999999999-1"', []],
  ['"x"', []],
  ['', []],
])('If-Match: %s', (header, expected) => {
  expect(allowedVersions(header)).toEqual(expected);
});

test('without If-Match: 428', () => {
  expect(() => allowedVersions(undefined)).toThrow(expect.objectContaining({ status: 428 }));
});

import { expect, test } from 'vitest';
import { code, cut, visible } from './text.ts';

test.each([
  ['a\nb\tc\0', 'a\\u000ab\tc\\u0000'],
  ['abc\u202edef\u2028', 'abc\\u202edef\\u2028'],
  ['zero\u200bwidth', 'zero\\u200bwidth'],
  ['Zürich 😀', 'Zürich 😀'],
  ['\ud800', '\\ud800'],
])('%j is shown as %s', (text, expected) => {
  expect(visible(text)).toBe(expected);
});

test('a text is never cut through a character', () => {
  expect(cut('ab😀', 3)).toBe('ab…');
  expect(cut('ab😀', 4)).toBe('ab😀');
});

test.each([
  ['a', '`a`'],
  ['a`b', '`` a`b ``'],
  ['``', '``` `` ```'],
])('%s as code is %s', (text, expected) => {
  expect(code(text)).toBe(expected);
});

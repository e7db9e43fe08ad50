import { expect, test } from 'vitest';
import { safeNext } from './next.ts';

test.each([
  ['/checkout', '/checkout'],
  ['/?q=tea', '/?q=tea'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['https://evil.example', '/'],
  ['javascript:alert(1)', '/'],
  [undefined, '/'],
  [['/a'], '/'],
])('%j leads to %s', (next, expected) => {
  expect(safeNext(next)).toBe(expected);
});

import { expect, test } from 'vitest';
import { current } from './current.ts';

test.each([
  ['/admin/users', 'page'],
  ['/admin/users/0198c1f2', 'true'],
  ['/admin/products/new', undefined],
  ['/admin/users-of-old', undefined],
  ['/admin', undefined],
])('on %s the link to the list of people is marked %s', (path, expected) => {
  expect(current('/admin/users', path)).toBe(expected);
});

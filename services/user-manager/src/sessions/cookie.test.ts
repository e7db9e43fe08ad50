import { expect, test } from 'vitest';
import { readCookie, sessionCookie } from './cookie.ts';

const token = 'aB3_-'.repeat(9).slice(0, 43);

test.each([
  [`__Host-sid=${token}`, token],
  [`a=b; __Host-sid=${token};c=d`, token],
  [sessionCookie(token, 60).split(';')[0], token],
  [undefined, undefined],
  ['', undefined],
  [`__Host-sid=${token}; __Host-sid=${token}`, undefined],
  [`__host-sid=${token}`, undefined],
  [`x__Host-sid=${token}`, undefined],
  [`__Host-sid="${token}"`, undefined],
  [`__Host-sid=${token}x`, undefined],
  [`__Host-sid =${token}`, undefined],
])('%s', (header, expected) => {
  expect(readCookie(header)).toBe(expected);
});

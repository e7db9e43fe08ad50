import { expect, test } from 'vitest';
import { retryAfter } from './errors.ts';

const failure = (status: number, header?: string) => ({
  ...{ status, errors: [] },
  headers: new Headers(header === undefined ? {} : { 'retry-after': header }),
});
const inTen = new Date(Date.now() + 10_000).toUTCString();

test.each([
  [429, '7', 7],
  [429, '0', 0],
  [429, '', 30],
  [429, undefined, 30],
  [429, 'soon', 30],
  [503, '7', 7],
  [503, undefined, 1],
  [400, undefined, undefined],
])('a status %i with "retry-after: %s" is worth %s s', (status, header, seconds) => {
  expect(retryAfter(failure(status, header))).toBe(seconds);
});

test.each([
  [inTen, 10],
  [new Date(0).toUTCString(), 0],
])('"retry-after: %s" is about %i s', (header, seconds) => {
  expect(Math.abs((retryAfter(failure(429, header)) ?? Number.NaN) - seconds)).toBeLessThanOrEqual(2);
});

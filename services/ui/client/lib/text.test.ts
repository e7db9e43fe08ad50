import { expect, test } from 'vitest';
import { ApiError, explain } from '../api/problem.ts';
import { count, device, orderNumber, slugOf } from './text.ts';

test.each([
  [
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36',
    'Chrome on Linux',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile/15E148 Safari/604.1',
    'Safari on iPhone',
  ],
  ['curl/8.5.0', 'curl/8.5.0'],
  ['', 'Unknown device'],
])('%s', (userAgent, expected) => {
  expect(device(userAgent)).toBe(expected);
});

test('numbers, counts and slugs', () => {
  expect(orderNumber('0198c1f2-7c3b-7aaa-8a5e-0d9c3b1f2a44')).toBe('3B1F-2A44');
  expect([count(1, 'piece'), count(2, 'piece')]).toEqual(['1 piece', '2 pieces']);
  expect(slugOf(' Crème & Brûlée ')).toBe('creme-brulee');
  expect(slugOf('***')).toBe('');
});

test.each([
  [new ApiError('too-many-attempts', { status: 429, retryAfterSeconds: 30 }), 'Try again in 30 seconds.'],
  [new ApiError('too-many-attempts', { status: 429, retryAfterSeconds: 600 }), 'Try again in 10 minutes.'],
  [new ApiError('unknown', { status: 502 }), 'Something on our side is down. Try again in a moment.'],
  [new ApiError('something-new', { status: 409, detail: 'It says so.' }), 'It says so.'],
])('%s is explained', (error, text) => {
  expect(explain(error).text).toBe(text);
});

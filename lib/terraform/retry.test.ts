import { expect, test } from 'vitest';
import { UserError, UserErrors } from '../runner/errors.ts';
import { isPassing } from './retry.ts';

test.each([
  ['operation error S3: GetObject, https response error StatusCode: 503, RequestID: 15', true],
  ['unable to get zone: 429 Too Many Requests', true],
  ['Post "https://api-ch-gva-2.exoscale.com/v2/zone": read: connection reset by peer', true],
  ["invalid character '<' looking for beginning of value", true],
  ['dial tcp: lookup sos-ch-gva-2.exo.io: no such host', true],
  ['Unsupported argument: An argument named "sise" is not expected here.', false],
  ['Not Found: not found', false],
  ['Invalid value: port must be between 1 and 65535, got 70429', false],
])('%s', (message, passes) => {
  expect(isPassing(new UserErrors([new UserError('first'), new UserError(message)]))).toBe(passes);
});

test('a bug of ours is not tried again', () => {
  expect(isPassing(new TypeError('503'))).toBe(false);
});

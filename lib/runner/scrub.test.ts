import { expect, test } from 'vitest';
import { patience, processorTime } from '../terraform/testing.ts';
import { masks, scrubber } from './scrub.ts';

const secret = 'correct-horse-battery';

test.each([
  ['as it is', `x${secret}y`, 'x***y'],
  ['several times', `${secret} ${secret}`, '*** ***'],
  ['in capitals of hex', Buffer.from(secret).toString('hex').toUpperCase(), '***'],
  [
    'in the base64 of a longer text',
    Buffer.from(`user:${secret}:end`).toString('base64'),
    /^dXNlcjp\*\*\*.6ZW5k$/,
  ],
  ['in base64 one further', Buffer.from(`user::${secret}:end`).toString('base64'), /^dXNlcjo6\*\*\*.*$/],
  ['in base64 two further', Buffer.from(`user:::${secret}:end`).toString('base64'), /^dXNlcjo6O.?\*\*\*.*$/],
  ['not what only looks like it', 'correct-horse', 'correct-horse'],
])('a secret is scrubbed %s', (_, text, expected) => {
  expect(scrubber([secret, 'a', 'true', ''])(text)).toEqual(
    typeof expected === 'string' ? expected : expect.stringMatching(expected),
  );
});

test('of secrets that overlap nothing is left', () => {
  const scrub = scrubber(['abcdefgh', 'efghijkl', 'abcdefghij', 'ghijkl-mnopqr']);
  expect(scrub('<abcdefghijkl-mnopqr>')).toBe('<***>');
  expect(scrub('<abcdefghabcdefgh>')).toBe('<******>');
});

test('each line of a PEM is a secret, its frame is none', () => {
  const pem =
    '-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEG\nCCqGSM49AwEHBG0wawIBAQQg\n-----END PRIVATE KEY-----\n';
  const scrub = scrubber([pem]);
  expect(scrub(`key: ${pem}`)).toBe('key: ***');
  expect(scrub('  CCqGSM49AwEHBG0wawIBAQQg')).toBe('  ***');
  expect(scrub('-----BEGIN PRIVATE KEY-----')).toBe('-----BEGIN PRIVATE KEY-----');
});

test('thousands of secrets with the same beginning are found in a megabyte at once', patience, () => {
  const secrets = Array.from(
    { length: 5_000 },
    (_, index) => `postgres://shop:${index.toString(36)}-password`,
  );
  const text = `${'nothing to see in postgres://here '.repeat(30_000)}${secrets[4_321]}`;
  const work = () => expect(scrubber(secrets)(text).endsWith('postgres://here ***')).toBe(true);
  expect(processorTime(work)).toBeLessThan(3_000);
});

test('what comes to be known on the way is hidden from then on, and told once', () => {
  const { add, scrub } = masks();
  expect(scrub(secret)).toBe(secret);
  expect(add(secret)).toContain(Buffer.from(secret).toString('hex'));
  expect(add(secret)).toEqual([]);
  add('another-secret');
  expect(scrub(`${secret} and another-secret`)).toBe('*** and ***');
});

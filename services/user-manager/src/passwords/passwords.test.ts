import { expect, test } from 'vitest';
import { Problem } from '../server/problem.ts';
import { hashPassword, isOutdated, verifyPassword } from './hash.ts';
import { refuseWeak } from './rules.ts';

test('a password is verified against its hash, and nothing is against none', async () => {
  const hash = await hashPassword('correct horse');
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await hashPassword('correct horse')).not.toBe(hash);
  expect([await verifyPassword(hash, 'correct horse'), await verifyPassword(hash, 'another')]).toEqual([
    true,
    false,
  ]);
  expect(await verifyPassword(undefined, 'correct horse')).toBe(false);
});

test('the same letters, however they are composed, are the same password', async () => {
  expect(await verifyPassword(await hashPassword('Zu\u0308rich am See'), 'Z\u00fcrich am See')).toBe(true);
});

test.each([
  ['$argon2id$v=19$m=19456,t=2,p=1$salt$hash', false],
  ['$argon2id$v=19$m=8192,t=2,p=1$salt$hash', true],
  ['$argon2i$v=19$m=19456,t=2,p=1$salt$hash', true],
])('%s is outdated: %s', (hash, expected) => {
  expect(isOutdated(hash)).toBe(expected);
});

test('a crowd is told to come back, before it takes the memory', async () => {
  const crowd = await Promise.allSettled(Array.from({ length: 130 }, () => hashPassword('correct horse')));
  const refused = crowd.flatMap(result => (result.status === 'rejected' ? [result.reason] : []));
  expect(refused).toHaveLength(26);
  expect(refused[0]).toMatchObject({ status: 503, headers: { 'retry-after': '2' } });
  expect(await hashPassword('and afterwards')).toContain('argon2id');
});

test.each(['password', 'PASSWORD1', 'iloveyou', '123456789', 'ada@example.com', 'Ada'])(
  '%s is refused',
  async password => {
    await expect(refuseWeak(password, 'ada@example.com')).rejects.toBeInstanceOf(Problem);
  },
);

test.each(['correct horse battery', 'aaaaaaaab', 'пароль из слов'])('%s is not', async password => {
  await expect(refuseWeak(password, 'ada@example.com')).resolves.toBeUndefined();
});

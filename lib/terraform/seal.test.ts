import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seal, unseal } from './seal.ts';

const secret = 'a secret that nobody knows';
const plain = Buffer.from('{"password":"correct horse"}');

test('what is sealed comes out as it went in, shows nothing, and is the same each time', () => {
  const sealed = seal(secret, 'review', 'staging', plain);
  expect(unseal(secret, 'review', 'staging', sealed)).toEqual(plain);
  expect(sealed.includes('horse')).toBe(false);
  expect(seal(secret, 'review', 'staging', plain)).toEqual(sealed);
  expect(seal(secret, 'review', 'staging', Buffer.from('other')).subarray(0, 12)).not.toEqual(
    sealed.subarray(0, 12),
  );
});

test('another secret, purpose or context opens nothing, nor does a change of any bit', () => {
  const sealed = seal(secret, 'review', 'staging', plain);
  expect(unseal('another', 'review', 'staging', sealed)).toBeUndefined();
  expect(unseal(secret, 'errored state', 'staging', sealed)).toBeUndefined();
  expect(unseal(secret, 'review', 'production', sealed)).toBeUndefined();
  expect(unseal(secret, 'review', 'staging', Buffer.alloc(5))).toBeUndefined();
  fc.assert(
    fc.property(fc.nat(sealed.length * 8 - 1), bit => {
      const changed = Buffer.from(sealed);
      const at = bit >> 3;
      changed[at] = (changed[at] ?? 0) ^ (1 << (bit & 7));
      expect(unseal(secret, 'review', 'staging', changed)).toBeUndefined();
    }),
  );
});

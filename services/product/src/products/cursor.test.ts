import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Problem } from '../server/problem.ts';
import { readCursor, sorts, writeCursor } from './cursor.ts';

const id = '0198c1f2-7c3b-7aaa-8a5e-0d9c3b1f2a44';
const keys = { newest: null, name: 'tea', price: 1290, '-price': 0 };

test.each(sorts)('%s: what was written is read, and under no other sort', sort => {
  const cursor = writeCursor(sort, { key: keys[sort], id });
  expect(readCursor(sort, cursor)).toEqual({ key: keys[sort], id });
  for (const other of sorts.filter(each => each !== sort))
    expect(() => readCursor(other, cursor)).toThrow(Problem);
});

test('anything else is a problem and never a crash', () => {
  const made = fc.oneof(
    fc.string(),
    fc.jsonValue().map(value => Buffer.from(JSON.stringify(value)).toString('base64url')),
    fc
      .tuple(fc.constantFrom(...sorts), fc.jsonValue(), fc.jsonValue())
      .map(value => Buffer.from(JSON.stringify(value)).toString('base64url')),
  );
  fc.assert(
    fc.property(made, fc.constantFrom(...sorts), (cursor, sort) => {
      try {
        readCursor(sort, cursor);
      } catch (error) {
        expect(error).toBeInstanceOf(Problem);
      }
    }),
  );
});

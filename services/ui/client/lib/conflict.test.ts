import { expect, test } from 'vitest';
import { conflicts, merge } from './conflict.ts';

const base = { name: 'Tea', description: 'Green', category: 'galley', priceMinor: 100, imageUrl: null };

test('what both have changed alike, or only I have, is no difference', () => {
  const mine = { ...base, name: 'Tea tin', priceMinor: 120 };
  const theirs = { ...base, priceMinor: 120, description: 'Black', name: 'Tea' };
  expect(conflicts(base, mine, theirs)).toEqual([
    { field: 'description', base: 'Green', mine: 'Green', theirs: 'Black' },
  ]);
});

test.each([
  [{}, { name: 'mine', priceMinor: 200, description: 'theirs' }],
  [{ priceMinor: 'theirs' as const }, { name: 'mine', priceMinor: 300, description: 'theirs' }],
  [{ description: 'mine' as const }, { name: 'mine', priceMinor: 200, description: 'Green' }],
])('keeping %j', (keep, expected) => {
  const mine = { ...base, name: 'mine', priceMinor: 200 };
  const theirs = { ...base, priceMinor: 300, description: 'theirs' };
  expect(merge(base, mine, theirs, keep)).toMatchObject(expected);
});

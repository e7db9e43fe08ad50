import { beforeEach, expect, test } from 'vitest';
import { attemptKey, settleAttempt } from './attempt.ts';
import type { Line } from './basket.ts';

const kept = new Map<string, string>();
const storage = {
  getItem: (name: string) => kept.get(name) ?? null,
  setItem: (name: string, value: string) => void kept.set(name, value),
  removeItem: (name: string) => void kept.delete(name),
} as unknown as Storage;
beforeEach(() => kept.clear());

const line = (productId: string, quantity = 1): Line => ({
  productId,
  quantity,
  seen: { name: '', priceMinor: 1, currency: 'CHF', imageUrl: null },
});
const key = (user: string, ...lines: Line[]) => attemptKey(user, lines, storage);

test('the same order has the same key, in whatever order its lines stand', () => {
  expect(key('ada', line('b'), line('a'))).toBe(key('ada', line('a'), line('b')));
});

test.each([
  ['another person', () => key('bob', line('a'))],
  ['another quantity', () => key('ada', line('a', 2))],
  ['another product', () => key('ada', line('b'))],
])('%s has another key', (_, other) => {
  expect(other()).not.toBe(key('ada', line('a')));
});

test('once it is settled, the same again is another order', () => {
  const first = key('ada', line('a'));
  settleAttempt(storage);
  expect(key('ada', line('a'))).not.toBe(first);
});

test('what is kept and garbled is made anew', () => {
  kept.set('order-attempt', '{"key":1}');
  expect(key('ada', line('a'))).toMatch(/^[0-9a-f-]{36}$/);
});

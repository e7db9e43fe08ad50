import { expect, test } from 'vitest';
import { fromInput, money, toInput } from './money.ts';

test.each([
  ['12.90', 1290],
  ['12,9', 1290],
  [' 12 ', 1200],
  ['0.07', 7],
  ['1.15', 115],
  ['12.', 1200],
  ['', undefined],
  ['-1', undefined],
  ['1.999', undefined],
  ['1e3', undefined],
  ['12345678', undefined],
])('“%s” is %s', (text, expected) => {
  expect(fromInput(text, 'CHF')).toBe(expected);
});

test('a currency without a smaller unit has no fraction', () => {
  expect([fromInput('12', 'JPY'), fromInput('12.5', 'JPY'), toInput(12, 'JPY')]).toEqual([
    12,
    undefined,
    '12',
  ]);
});

test('every amount comes back as it went into the form', () => {
  for (const amount of [0, 1, 99, 100, 101, 1005, 123456789])
    expect(fromInput(toInput(amount, 'CHF'), 'CHF')).toBe(amount);
  expect(money(123456, 'CHF')).toMatch(/1.234\.56/);
});

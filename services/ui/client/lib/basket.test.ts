import { expect, test } from 'vitest';
import type { Product } from '../api/types.ts';
import { add, type Line, maximumLines, mend, read, remove, reprice, setQuantity, total } from './basket.ts';

const product = (id: string, more: Partial<Product> = {}): Product => ({
  id,
  name: `Product ${id}`,
  description: '',
  category: null,
  priceMinor: 1000,
  currency: 'CHF',
  imageUrl: null,
  stock: 5,
  createdAt: '',
  updatedAt: '',
  ...more,
});
const of = (...products: Product[]): Line[] =>
  products.reduce<Line[]>((lines, each) => add(lines, each, 1), []);

test('the same product twice is one line, and never more than there is', () => {
  const lines = add(add([], product('a'), 2), product('a'), 9);
  expect(lines.map(({ productId, quantity }) => [productId, quantity])).toEqual([['a', 5]]);
});

test('there is an end to how many different things fit', () => {
  const many = of(...Array.from({ length: maximumLines + 3 }, (_, index) => product(String(index))));
  expect(many).toHaveLength(maximumLines);
});

test.each([
  [3, 3],
  [0, 1],
  [-2, 1],
  [2.9, 2],
  [Number.NaN, 1],
  [5000, 1000],
])('a quantity of %d becomes %d', (given, expected) => {
  expect(setQuantity(of(product('a')), 'a', given)[0]?.quantity).toBe(expected);
});

test('today’s prices count, and what has changed is told', () => {
  const lines = of(product('a'), product('b'));
  const priced = reprice(lines, id => (id === 'a' ? product('a', { priceMinor: 1200 }) : undefined));
  expect(priced.map(({ priceMinor, priceBefore, trouble }) => [priceMinor, priceBefore, trouble])).toEqual([
    [1200, 1000, undefined],
    [1000, undefined, undefined],
  ]);
  expect(total(priced)).toBe(2200);
});

test('what is gone, sold out or short is named, not counted, and can be mended', () => {
  const lines = setQuantity(of(product('a'), product('b'), product('c'), product('d')), 'c', 4);
  const today: Record<string, Product | null> = {
    a: null,
    b: product('b', { stock: 0 }),
    c: product('c', { stock: 3 }),
    d: product('d'),
  };
  const priced = reprice(lines, id => today[id]);
  expect(priced.map(({ trouble }) => trouble)).toEqual(['gone', 'sold-out', 'short', undefined]);
  expect(total(priced)).toBe(4000);
  const mended = mend(priced);
  expect(mended.map(({ productId, quantity }) => [productId, quantity])).toEqual([
    ['c', 3],
    ['d', 1],
  ]);
  expect(reprice(mended, id => today[id]).every(({ trouble }) => trouble === undefined)).toBe(true);
});

test.each([null, '', '{', '{}', 'null', '[null, 1, {"productId": 3}]', '[{"productId":"a","quantity":0}]'])(
  'what a browser kept is not believed: %s',
  text => {
    expect(read(text)).toEqual([]);
  },
);

test('what was kept is read again', () => {
  const lines = remove(of(product('a'), product('b')), 'a');
  expect(read(JSON.stringify(lines))).toEqual(lines);
});

import { expect, test } from 'vitest';
import { colours, flagOf, spell } from './flags.ts';

const letters = [...'abcdefghijklmnopqrstuvwxyz'];

test.each(letters)('the flag %s is drawn within its cloth', letter => {
  const layers = flagOf(letter);
  expect(layers.length).toBeGreaterThan(0);
  for (const [colour, points] of layers) {
    expect(Object.keys(colours)).toContain(colour);
    for (const point of points.split(' ')) {
      const [x = -1, y = -1] = point.split(',').map(Number);
      expect(x >= 0 && x <= 60 && y >= 0 && y <= 48).toBe(true);
    }
  }
});

test('no two are the same', () => {
  expect(new Set(letters.map(letter => JSON.stringify(flagOf(letter)))).size).toBe(26);
});

test('accents, digits and signs do not get in the way', () => {
  expect(flagOf('Éclair')).toEqual(flagOf('e'));
  expect(flagOf('4 pencils')).toEqual(flagOf('p'));
  expect(flagOf('')).toEqual(flagOf('q'));
  expect(spell('Tea & Cø')).toEqual(['t', 'e', 'a', 'c']);
});

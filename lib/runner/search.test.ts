import fc from 'fast-check';
import { expect, test } from 'vitest';
import { leastLength, search } from './search.ts';

const text = fc.string({ unit: fc.constantFrom('a', 'b', 'é'), maxLength: 40 });

test('finds the longest, as trying each of them would', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'é'), minLength: leastLength, maxLength: 9 })),
      text,
      (wanted, text) => {
        const found = search(wanted);
        for (let at = 0; at <= text.length; at++) {
          const longest = Math.max(
            0,
            ...wanted.filter(each => text.startsWith(each, at)).map(each => each.length),
          );
          expect(found(text, at)).toBe(longest);
        }
      },
    ),
    { numRuns: 500 },
  );
});

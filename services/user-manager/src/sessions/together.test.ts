import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { together } from './together.ts';

/** Answers a key with its length, and remembers what it was asked. */
function store() {
  const asked: string[][] = [];
  let underWay = 0;
  let mostUnderWay = 0;
  const ask = async (keys: string[]) => {
    asked.push(keys);
    mostUnderWay = Math.max(mostUnderWay, ++underWay);
    await sleep(2);
    underWay--;
    if (keys.includes('broken')) throw new Error('broken');
    return keys.map(key => (key.startsWith('no') ? undefined : key.length));
  };
  return { ask, asked, mostUnderWay: () => mostUnderWay };
}

test('whoever comes in the same turn goes together, and one key once', async () => {
  const { ask, asked } = store();
  const find = together(ask, { trips: 2, most: 10 });
  expect(await Promise.all(['a', 'bb', 'a', 'nobody'].map(find))).toEqual([1, 2, 1, undefined]);
  expect(asked).toEqual([['a', 'bb', 'nobody']]);
});

test('an answer is never older than its question', async () => {
  let truth = 'open';
  const find = together(
    async keys => {
      const seen = truth; // as a store would: at once, and the way back takes a while
      await sleep(5);
      return keys.map(() => seen);
    },
    { trips: 1, most: 10 },
  );
  const before = find('a');
  await sleep(2);
  truth = 'revoked';
  expect(await Promise.all([before, find('a')])).toEqual(['open', 'revoked']);
});

test('so many trips at once, so many keys in each, and everybody is answered', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ minLength: 1, maxLength: 2 }), { maxLength: 60 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 8 }),
      async (keys, trips, most) => {
        const { ask, asked, mostUnderWay } = store();
        const find = together(ask, { trips, most });
        const expected = keys.map(key => (key.startsWith('no') ? undefined : key.length));
        expect(await Promise.all(keys.map(find))).toEqual(expected);
        expect(mostUnderWay()).toBeLessThanOrEqual(trips);
        expect(asked.every(each => each.length <= most && new Set(each).size === each.length)).toBe(true);
      },
    ),
    { numRuns: 30 },
  );
});

test('a trip that fails fails for those who are in it, and for nobody after them', async () => {
  const { ask } = store();
  const find = together(ask, { trips: 1, most: 10 });
  const both = await Promise.allSettled([find('a'), find('broken')]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await find('a')).toBe(1);
});

test('whoever comes while a trip is under way goes together on the next, and nobody waits for one that hangs', async () => {
  const asked: string[][] = [];
  const find = together(
    async keys => {
      asked.push(keys);
      await (keys.includes('hangs') ? new Promise(() => {}) : sleep(2));
      return keys;
    },
    { trips: 2, most: 10, lateMilliseconds: 30 },
  );
  const first = find('a');
  await new Promise(setImmediate);
  const second = find('b');
  await new Promise(setImmediate);
  expect(await Promise.all([first, second, find('c')])).toEqual(['a', 'b', 'c']);
  expect(asked).toEqual([['a'], ['b', 'c']]);

  void find('hangs');
  await new Promise(setImmediate);
  expect(await Promise.all(['d', 'e'].map(find))).toEqual(['d', 'e']);
  expect(asked.slice(2)).toEqual([['hangs'], ['d', 'e']]);
});

import { expect, test } from 'vitest';
import { patience, processorTime } from '../testing.ts';
import { type Pair, pairs } from './lists.ts';

const rule = (name: string, port: number) => ({ name, port, protocol: 'tcp' });
const many = (count: number) => Array.from({ length: count }, (_, index) => `host-${index}`);

test.each<[string, unknown[], unknown[], unknown[], unknown[]]>([
  ['nothing', ['a', 'b'], ['a', 'b'], [], []],
  ['one more at the front', ['a', 'b'], ['new', 'a', 'b'], [], [[undefined, 0]]],
  ['one less at the front', ['a', 'b', 'c'], ['b', 'c'], [], [[0, undefined]]],
  ['one more at the end', ['a', 'b'], ['a', 'b', 'c'], [], [[undefined, 2]]],
  ['one for another', ['a', 'b', 'c'], ['a', 'x', 'c'], [], [[1, 1]]],
  [
    'one moved',
    ['a', 'b', 'c'],
    ['b', 'c', 'a'],
    [],
    [
      [0, undefined],
      [1, 0],
      [2, 1],
      [undefined, 2],
    ],
  ],
  [
    'an element that changed behind a new one',
    [rule('http', 80)],
    [rule('ssh', 22), rule('http', 8080)],
    [],
    [
      [undefined, 0],
      [0, 1],
    ],
  ],
  [
    'elements that changed while one went',
    [rule('a', 1), rule('b', 2)],
    [rule('b', 3)],
    [],
    [
      [0, undefined],
      [1, 0],
    ],
  ],
  [
    'the same ones, with ids that are known later',
    [
      { n: 1, id: 'x' },
      { n: 2, id: 'y' },
    ],
    [{ n: 0 }, { n: 1 }, { n: 2 }],
    [{ id: true }, { id: true }, { id: true }],
    [
      [undefined, 0],
      [0, 1],
      [1, 2],
    ],
  ],
  ['elements that are known later as a whole', ['a'], ['a', null], [false, true], [[undefined, 1]]],
  ['bigints', [1n, 2n], [0n, 1n, 2n], [], [[undefined, 0]]],
])('%s', (_, before, after, unknown, expected) => {
  expect(pairs(before, after, unknown)).toEqual(expected);
});

test(
  'of long lists with much that differs, only that is told, in time that does not explode',
  patience,
  () => {
    const before = many(20_000);
    const after = before.flatMap((host, index) => (index % 5 === 0 ? [`new-${index}`] : [host]));
    let found: Pair[] = [];
    const work = () => {
      found = pairs(before, after, []).filter(([old, now]) => old === undefined || now === undefined);
    };
    expect(processorTime(work)).toBeLessThan(2_000);
    expect(found).toHaveLength(8_000);
  },
);

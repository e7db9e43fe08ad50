import { expect, test } from 'vitest';
import { reserve } from './reserve.ts';

test('what was started ahead is taken first, and what there is no more of is started then', async () => {
  const started: number[] = [];
  const { fill, take } = reserve(async number => {
    started.push(number);
    return number;
  });
  fill(2);
  expect(started).toEqual([1, 2]);
  expect(await Promise.all([take(), take(), take()])).toEqual([1, 2, 3]);
});

test('one that failed is told of when it is taken, and not before', async () => {
  const { fill, take } = reserve(async number => {
    if (number === 1) throw new Error('it does not start');
    return number;
  });
  fill(1);
  await new Promise(resolve => setImmediate(resolve));
  await expect(take()).rejects.toThrow('it does not start');
  expect(await take()).toBe(2);
});

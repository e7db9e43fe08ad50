import { beforeEach, expect, test } from 'vitest';
import type { Exoscale } from '../../exoscale/exoscale.ts';
import type { Runner } from '../../runner/runner.ts';
import { isSole, withAccess, withSoleAccess } from './access.ts';

const nodes = ['203.0.113.9/32', '203.0.113.10/32'];
const ours = '198.51.100.4/32';
let filter: string[];
let filters: string[][];
let saved: string;
beforeEach(() => {
  [filter, filters, saved] = [nodes, [], ''];
});
const address = async () => '198.51.100.4';

const runner = { save: (_, value) => (saved = value), warning() {} } as Partial<Runner> as Runner;
const cloud = {
  zone: 'ch-gva-2',
  findDatabase: async () => ({ filter }) as never,
  async filterDatabase(_, networks) {
    filter = [...networks];
    filters.push(filter);
  },
} as Partial<Exoscale> as Exoscale;
const failing = async () => {
  throw new Error('no dump');
};

test('whoever looks is let in beside the nodes, and is out again at the end', async () => {
  await withAccess(
    runner,
    cloud,
    'shop-staging',
    async () => expect(filter).toEqual([...nodes, ours]),
    address,
  );
  expect([filter, saved]).toEqual([nodes, '']);
});

test('whoever dumps is alone, and stays so: nobody writes what is in no dump', async () => {
  const work = async () => {
    expect(filter).toEqual([ours]);
    expect(JSON.parse(saved)).toMatchObject({ service: 'shop-staging', before: nodes });
  };
  await withSoleAccess(runner, cloud, 'shop-staging', work, address);
  expect([filters, saved]).toEqual([[[ours]], '']);
  expect(await isSole({ filter } as never, address)).toBe(true);
  for (const other of [[], nodes, [ours, ...nodes], ['0.0.0.0/0']])
    expect(await isSole({ filter: other } as never, address)).toBe(false);
});

test.each([withAccess, withSoleAccess])(
  'when that fails, the filter becomes what it was (%o)',
  async access => {
    await expect(access(runner, cloud, 'shop-staging', failing, address)).rejects.toThrow('no dump');
    expect([filter, saved]).toEqual([nodes, '']);
  },
);

test('a service that is not there is not written to', async () => {
  const gone = { ...cloud, findDatabase: async () => undefined };
  for (const access of [withAccess, withSoleAccess])
    await expect(access(runner, gone, 'shop-staging', failing, address)).rejects.toThrow(
      'There is no database service shop-staging in ch-gva-2',
    );
  expect(filters).toEqual([]);
});

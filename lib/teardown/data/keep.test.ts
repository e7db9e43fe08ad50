import { beforeEach, expect, test } from 'vitest';
import type { Database, Exoscale } from '../../exoscale/exoscale.ts';
import type { Target } from '../../platform/platform.ts';
import { UserError } from '../../runner/errors.ts';
import type { Runner } from '../../runner/runner.ts';
import { keeper, keptAtLast } from './keep.ts';

const target = {
  environment: 'staging',
  resourceName: 'shop-staging',
  platform: { name: 'shop', state: { bucket: 'acme-state', zone: 'ch-gva-2' } },
} as unknown as Target;
const database = { name: 'shop-staging', type: 'pg', zone: 'ch-gva-2' };
const cache = { name: 'cache', type: 'valkey', zone: 'ch-gva-2' };
const queue = { name: 'queue', type: 'kafka', zone: 'ch-gva-2' };
let found: Database | undefined;
let lines: string[];
let looks: number;
beforeEach(() => {
  found = { state: 'running', filter: ['203.0.113.9/32'] } as Database;
  [lines, looks] = [[], 0];
});
const cloud = {
  zone: 'ch-gva-2',
  findDatabase: async () => found,
  async filterDatabase(_, networks) {
    found = { ...found, filter: [...networks] } as Database;
  },
} as Partial<Exoscale> as Exoscale;
const say = (line: string) => lines.push(line);
const runner = { info: say, warning: say, save() {} } as Partial<Runner> as Runner;
const outside: Parameters<typeof keeper>[4] = {
  address: async () => '198.51.100.4',
  bucket: () => async () => ({ status: 200, body: '' }),
  async holdings() {
    looks++;
    return [];
  },
};
const kept = () => keeper(runner, cloud, target, { key: 'EXO', secret: 'x' }, outside);

test('a service that Terraform is about to destroy and that is not found is not taken for kept', async () => {
  found = undefined;
  await expect(kept().keep(database)).rejects.toThrow(
    /^Terraform is about to destroy the database service shop-staging, and Exoscale does not find it in ch-gva-2/,
  );
  await kept().look([database], undefined);
  expect(lines).toEqual(['The database service shop-staging is not in ch-gva-2 any more']);
});

test('a zone that was changed in platform.yaml is told, and nobody is asked there', async () => {
  const moved = { ...database, zone: 'de-fra-1' };
  for (const work of [kept().look([moved], 'shop-staging'), kept().keep(moved)])
    await expect(work).rejects.toThrow(
      `The database service shop-staging is in de-fra-1 by Terraform's state, and platform.yaml has "zone: ch-gva-2"`,
    );
});

test('once kept, nobody is let in; another try looks again only where somebody was', async () => {
  const data = kept();
  await data.keep(database);
  expect(found?.filter).toEqual(['198.51.100.4/32']);
  await data.keep(database);
  expect(looks).toBe(1);
  await cloud.filterDatabase('shop-staging', ['203.0.113.9/32']);
  await data.keep(database);
  expect(looks).toBe(2);
  expect(found?.filter).toEqual(['198.51.100.4/32']);
});

test.each([undefined, 'shop-staging', 'cache'])(
  'what cannot be dumped is named with what happens, all at once, and goes only when it is named (%s)',
  async confirmed => {
    await expect(kept().look([database, cache, queue], confirmed)).rejects.toThrow(
      'The database service cache is of type valkey, which is not dumped: all that is in it is lost; The database service queue is of type kafka, which is not dumped: all that is in it is lost: write cache,queue into the input "confirm-data" if all of it may go',
    );
  },
);

test('several are confirmed between commas', async () => {
  await kept().look([database, cache, queue], 'queue, cache');
  expect(lines).toContain(
    'The database service cache is of type valkey, which is not dumped: all that is in it is lost',
  );
  await kept().keep(cache); // nothing is asked of it
  expect(looks).toBe(1);
});

test('a dry run tells what would be kept, and what would not', () => {
  expect(kept().promise([database, cache])).toEqual([
    'What is in the database service shop-staging would be dumped below sos://acme-state/shop/staging/dumps/ first; if it holds anything, "confirm-data" must name shop-staging',
    'The database service cache is of type valkey, which is not dumped: all that is in it is lost; "confirm-data" must name cache',
  ]);
});

test('at the end, a list that cannot be read fails nothing; a bug does', async () => {
  const failing = (error: Error) => ({
    async kept() {
      throw error;
    },
  });
  expect(await keptAtLast(runner, failing(new UserError('no bucket')))).toEqual([]);
  expect(lines).toEqual(['Where the last dumps are kept could not be asked: no bucket']);
  await expect(keptAtLast(runner, failing(new TypeError('x')))).rejects.toThrow('x');
});

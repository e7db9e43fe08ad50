import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Policy } from '../lib/exoscale/account.ts';
import { load, select } from '../lib/platform/platform.ts';
import { judgePolicy } from '../lib/setup/exoscale/read-only.ts';
import { dumpKey, proofKey } from '../lib/teardown/data/place.ts';
import { stateLocation } from '../lib/terraform/state.ts';
import { blocks, gettingStarted as page } from './testing/pages.ts';

const root = join(import.meta.dirname, '..');

test('the role that the page has for plans only reads, and of the bucket the states without the dumps', async () => {
  const policy = JSON.parse(blocks('json', page)[0] ?? '') as Policy;
  expect(judgePolicy(policy)).toEqual({ kind: 'read-only' });
  const expressions = policy.services.sos?.rules?.map(({ expression = '' }) => expression) ?? [];
  for (const each of expressions) expect(each).toContain("&& parameters.bucket == 'acorn-terraform-state'");
  const reading = expressions.filter(each => !each.startsWith("operation.startsWith('list-')"));
  expect(reading).toHaveLength(1);
  const [, pattern = ''] = /&& parameters\.key\.matches\('(.*)'\)$/.exec(reading[0] ?? '') ?? [];
  const target = await load(join(root, 'platform.yaml')).then(platform => select(platform, 'staging'));
  const { key } = stateLocation(target);
  const states = [key, `${key}.tflock`, `${key}.errored`, `${key}.unfinished`];
  const dumps = ['shop', 'a.tfstate'].map(name => dumpKey(target, 'shop-staging', name, new Date()));
  const all = [...states, ...dumps, ...dumps.map(proofKey)];
  expect(all.filter(each => new RegExp(pattern).test(each))).toEqual(states);
});

import { expect, test } from 'vitest';
import type { Decision } from './decision.ts';
import { guard, withinQuota } from './guard.ts';

const record = (name: string) => ({
  ...{ id: name, name, type: 'A', content: '203.0.113.1', ttl: 1, proxied: false, comment: null },
});
const create = (name: string, times = 1): Decision => ({
  ...{ kind: 'change', name, records: [], why: '' },
  operations: Array.from({ length: times }, () => ({ kind: 'create' as const, after: record(name) })),
});
const remove = (name: string): Decision => ({
  ...{ kind: 'change', name, records: [], why: '' },
  operations: [{ kind: 'delete', before: record(name) }],
});
const kinds = (decisions: Decision[]) => decisions.map(({ name, kind }) => `${name} ${kind}`);

test('what a zone has no room for is a conflict, and smaller names still fit', () => {
  const found = withinQuota([create('a'), create('b', 3), create('c'), create('d')], 8, 10);
  expect(kinds(found)).toEqual(['a change', 'b conflict', 'c change', 'd conflict']);
  expect(found[1]).toMatchObject({
    reason: expect.stringMatching(/^the zone has no room for it: it holds 8 of the 10 records/),
  });
});

test('what goes makes room, wherever it stands', () => {
  expect(kinds(withinQuota([create('a'), remove('b')], 10, 10))).toEqual(['a change', 'b change']);
});

test('a zone that is fuller than it may be can still shrink and change', () => {
  const swap: Decision = {
    ...{ kind: 'change', name: 's', records: [], why: '' },
    operations: [
      { kind: 'create', after: record('s') },
      { kind: 'delete', before: record('s') },
    ],
  };
  expect(kinds(withinQuota([swap, remove('b')], 12, 10))).toEqual(['s change', 'b change']);
});

const vanish = (names: number, of = names, anywhere = true) => {
  const owned = new Set(Array.from({ length: of }, (_, at) => `n${at}`));
  const decisions = [...owned].slice(0, names).map(remove);
  return guard({ zone: 'example.com', owned, wished: new Set(), anywhere }, decisions)?.reason.split(': ')[0];
};

test.each([
  [vanish(1, 1, false), 'The cluster has no host at all, and our only name in example.com would go'],
  [vanish(2, 2, false), 'The cluster has no host at all, and all 2 names of ours in example.com would go'],
  [vanish(1, 2, false), 'The cluster has no host at all, and 1 of 2 names of ours in example.com would go'],
  [vanish(2), 'All 2 names of ours in example.com would go'],
  [vanish(4, 10), '4 of 10 names of ours in example.com would go, which is more than 30 %'],
  [vanish(101, 400), '101 of 400 names of ours in example.com would go, which is more than 100 in one run'],
  [vanish(3, 10), undefined],
  [vanish(1), undefined],
])('the guard says of which zone: %s', (reason, wanted) => {
  expect(reason).toBe(wanted);
});

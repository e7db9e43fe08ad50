import { expect, test } from 'vitest';
import type { Decision } from './decision.ts';
import { withinQuota } from './guard.ts';

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

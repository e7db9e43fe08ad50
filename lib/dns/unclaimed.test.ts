import { expect, test } from 'vitest';
import type { DnsRecord } from '../cloudflare/cloudflare.ts';
import { brief, claim, decide, identity, mark, ours, reasons, ui } from './example.ts';
import { changes, plan } from './plan.ts';

/* When names may go that nothing claims any more. */

test('while something could not be looked into, no name is let go', () => {
  const world = { zone: 'example.com', records: [ours(), ours({ name: 'b.example.com' })], identity };
  const wishes = { claims: [claim()], unreadable: [] };
  const of = (unseen: string[]) =>
    brief(plan({ ...world, wishes: { ...wishes, unseen }, allowDeletes: true }));
  expect(of([])).toEqual(['a.example.com: keep', 'b.example.com: -A 203.0.113.1']);
  expect(of(['Application shop/ui: it is elsewhere'])).toEqual([
    'a.example.com: keep',
    'b.example.com: hold',
  ]);
});

test('the last name of one zone may go while another has hosts, and none while there is no host', () => {
  const world = { zone: 'example.com', records: [ours()], identity, allowDeletes: false };
  const wishes = { claims: [], unreadable: [] };
  expect(plan({ ...world, wishes }).refusal).toMatch(/^The cluster has no host at all/);
  const elsewhere = plan({ ...world, wishes, homes: new Map([['a.example.net', 'example.net']]) });
  expect([elsewhere.refusal, ...brief(elsewhere)]).toEqual([undefined, 'a.example.com: -A 203.0.113.1']);
});

const many = (count: number, given: Partial<DnsRecord> = {}) =>
  Array.from({ length: count }, (_, index) => ours({ name: `n${index}.example.com`, ...given }));

const keeping = (records: DnsRecord[]) => records.map(({ name }) => claim('203.0.113.1', ui, name));

test.each([
  [1, 0, 'refused'],
  [2, 0, 'refused'],
  [2, 1, 'allowed'],
  [9, 1, 'allowed'],
  [10, 7, 'allowed'],
  [10, 6, 'refused'],
  [100, 70, 'allowed'],
  [100, 69, 'refused'],
  [1000, 900, 'allowed'],
  [1000, 899, 'refused'],
])('of %i names %i remain: %s', (before, after, verdict) => {
  const records = many(before);
  const given = { records, claims: keeping(records.slice(0, after)) };
  const { refusal, withheld } = decide({ ...given, allowDeletes: false });
  expect((refusal ?? withheld) === undefined ? 'allowed' : 'refused').toBe(verdict);
  expect(decide({ ...given, allowDeletes: true })).not.toMatchObject({ withheld: expect.anything() });
  expect(decide({ ...given, allowDeletes: true }).refusal).toBeUndefined();
});

test.each([
  [1, 'allowed'],
  [2, 'refused'],
  [9, 'refused'],
])('all of %i names would go while another comes: %s', (before, verdict) => {
  const given = { records: many(before), claims: [claim(undefined, 'Ingress dev/d', 'new.example.com')] };
  const found = decide({ ...given, allowDeletes: false });
  expect(found.withheld === undefined ? 'allowed' : 'refused').toBe(verdict);
  expect(brief(found)).toContain('new.example.com: +A 203.0.113.1');
  expect(decide({ ...given, allowDeletes: true }).withheld).toBeUndefined();
});

test('who lets go of many names keeps nobody else from a new one', () => {
  const records = many(20);
  const fresh = claim(undefined, 'Ingress other/web', 'new.example.com');
  const found = decide({ records, claims: [...keeping(records.slice(0, 8)), fresh], allowDeletes: false });
  expect(found.refusal).toBeUndefined();
  expect(found.withheld).toMatch(
    /^12 of 20 names of ours in example\.com would go, which is more than 30 %: see/,
  );
  expect(changes(found).map(({ name }) => name)).toEqual(['new.example.com']);
  expect(found.decisions.filter(({ kind }) => kind === 'hold')).toHaveLength(12);
});

test('from a folder, what nothing there claims is told so', () => {
  const world = { zone: 'example.com', records: [ours()], identity, allowDeletes: true };
  const wishes = { claims: [], unreadable: [], folder: 'part' };
  expect(changes(plan({ ...world, wishes }))[0]?.why).toBe(`nothing in part claims it, was for ${ui}`);
  expect(reasons(plan({ ...world, wishes: { ...wishes, unseen: ['x'] } }))).toEqual([
    'nothing in part claims it, and not all is seen',
  ]);
});

test('what was for a kind of object that is not read any longer stays', () => {
  const records = [ours(), ours({ name: 'b.example.com', comment: mark('Ingress shop/b') })];
  const kept = claim(undefined, ui, 'c.example.com');
  const given = { records: [...records, ours({ name: 'c.example.com' })], claims: [kept] };
  const kinds = new Set(['Ingress']);
  const lines = ['a.example.com: hold', 'b.example.com: -A 203.0.113.1', 'c.example.com: keep'];
  expect(brief(decide({ ...given, kinds, allowDeletes: false }))).toEqual(lines);
  expect(brief(decide({ ...given, kinds }))).toContain('a.example.com: -A 203.0.113.1');
});

test.each<[string, DnsRecord[], string]>([
  ['leads elsewhere', many(20), 'lb.example.net'],
  ['loses one of two addresses', [...many(20), ...many(20, { content: '203.0.113.2' })], '203.0.113.1'],
])('a name that %s does not count as gone', (_, records, target) => {
  const claims = records.slice(0, 20).map(({ name }) => claim(target, ui, name));
  const found = decide({ records, claims, allowDeletes: false });
  expect(found.refusal).toBeUndefined();
  expect(changes(found)).toHaveLength(20);
});

import { expect, test } from 'vitest';
import type { DnsRecord } from '../cloudflare/cloudflare.ts';
import type { Claim } from './claims.ts';
import { clusterHash, format } from './marker.ts';
import { plan } from './plan.ts';
import { type Row, statusMarkdown, statusText, summaryOf } from './render-status.ts';
import { statusOf } from './status.ts';
import { parseTargets } from './target.ts';

const identity = { owner: 'shop', cluster: clusterHash('c-1') };
const claim = (name: string, more: Partial<Claim> = {}): Claim => ({
  ...{
    name: `${name}.example.com`,
    source: `IngressRoute shop/${name}`,
    targets: parseTargets('203.0.113.1'),
  },
  ...more,
});
let ids = 0;
const record = (name: string, content: string, source?: string): DnsRecord => ({
  ...{ id: `r${++ids}`, name: `${name}.example.com`, type: 'A', content, ttl: 1, proxied: false },
  comment: source === undefined ? null : format({ ...identity, source }),
});

const wishes = {
  claims: [
    claim('good'),
    claim('good', { source: 'Ingress shop/good' }),
    claim('new'),
    claim('moved'),
    claim('waiting', { targets: [], pending: 'it has no address yet' }),
    claim('taken'),
    { ...claim('far'), name: 'far.example.net' },
  ],
  unreadable: [{ source: 'IngressRoute shop/odd', text: 'Host(`a|b', reason: 'its rule is not understood' }],
  notes: [],
};
const records = [
  record('good', '203.0.113.1', 'IngressRoute shop/good'),
  record('moved', '203.0.113.9', 'IngressRoute shop/moved'),
  record('waiting', '203.0.113.1', 'IngressRoute shop/waiting'),
  record('old', '203.0.113.1', 'IngressRoute shop/old'),
  record('taken', '198.51.100.1'),
];
const found = plan({
  ...{ zone: 'example.com', records, identity, allowDeletes: true },
  wishes: { ...wishes, claims: wishes.claims.filter(({ name }) => name.endsWith('.com')) },
});
const rows: Row[] = statusOf([found], wishes);

test('each host is shown once, with its objects, its record and how it stands', () => {
  expect(
    rows.map(({ host, objects, records, state }) => [host, objects.join(), records.join(), state]),
  ).toEqual([
    ['good.example.com', 'Ingress shop/good,IngressRoute shop/good', 'A 203.0.113.1', 'as wished'],
    ['moved.example.com', 'IngressRoute shop/moved', 'A 203.0.113.9', 'differs'],
    ['new.example.com', 'IngressRoute shop/new', '', 'missing'],
    ['old.example.com', '', 'A 203.0.113.1', 'left over'],
    ['taken.example.com', 'IngressRoute shop/taken', 'A 198.51.100.1', 'conflict'],
    ['waiting.example.com', 'IngressRoute shop/waiting', 'A 203.0.113.1', 'waits'],
    ['far.example.net', 'IngressRoute shop/far', '', 'in no zone'],
    ['(not understood)', 'IngressRoute shop/odd', '', 'not understood'],
  ]);
  expect(rows.filter(({ detail }) => detail === undefined).map(({ state }) => state)).toEqual(['as wished']);
  expect(rows.find(({ state }) => state === 'differs')?.detail).toBe('to be A 203.0.113.1');
});

const detailOf = (records: DnsRecord[], more: Partial<Claim> = {}) => {
  const all = { claims: [claim('a', more)], unreadable: [] };
  const made = plan({ zone: 'example.com', records, identity, allowDeletes: true, wishes: all });
  return statusOf([made], { ...all, notes: [] }).map(
    each => `${each.state} | ${each.records.join(', ')} | ${each.detail}`,
  );
};
const two = { targets: parseTargets('203.0.113.1 203.0.113.2') };
const web = 'IngressRoute shop/a';

test.each<[string, DnsRecord[], Partial<Claim>, string]>([
  [
    'one of two addresses',
    [record('a', '203.0.113.1', web)],
    two,
    'differs | A 203.0.113.1 | to be A 203.0.113.1, A 203.0.113.2',
  ],
  [
    'one address too many',
    [record('a', '203.0.113.1', web), record('a', '203.0.113.3', web)],
    {},
    'differs | A 203.0.113.1, A 203.0.113.3 | to be A 203.0.113.1',
  ],
  [
    'the mark of another object',
    [record('a', '203.0.113.1', 'IngressRoute shop/z')],
    {},
    'differs | A 203.0.113.1 | to have a new owner mark',
  ],
])('%s', (_, records, more, line) => {
  expect(detailOf(records, more)).toEqual([line]);
});

test('of a zone and one below it, the one that the name belongs to says how it stands', () => {
  const held = { kind: 'hold' as const, name: 'a.example.com', records: [], reason: 'it belongs below' };
  const kept = { kind: 'keep' as const, name: 'a.example.com', records: [record('a', '203.0.113.1', web)] };
  const plans = [
    { zone: 'com', decisions: [held] },
    { zone: 'example.com', decisions: [kept] },
  ];
  for (const order of [plans, plans.toReversed()])
    expect(statusOf(order, { claims: [claim('a')], unreadable: [], notes: [] })).toMatchObject([
      { state: 'as wished', records: ['A 203.0.113.1'] },
    ]);
});

test('a terminal and a page show the same table, whatever stands in it', () => {
  const [good, , , , , , , odd] = rows as [Row, Row, Row, Row, Row, Row, Row, Row];
  const asked = { ...good, resolved: { ok: false, answer: 'no address' } };
  expect(summaryOf([good])).toBe('1 host as wished');
  expect(summaryOf([good, asked, odd])).toBe('2 of 3 hosts not as wished');
  expect(statusText([good, asked, odd])).toBe(
    `
  Host              Object                                     Record         State                                       Resolves to
  good.example.com  Ingress shop/good, IngressRoute shop/good  A 203.0.113.1  as wished
! good.example.com  Ingress shop/good, IngressRoute shop/good  A 203.0.113.1  as wished                                   not as wished: no address
! (not understood)  IngressRoute shop/odd                      none           not understood: its rule is not understood`.slice(
      1,
    ),
  );
  expect(statusMarkdown([odd])).toBe(
    `| Host | Object | Record | State |
| --- | --- | --- | --- |
| (not understood) | IngressRoute shop/odd | none | not understood: its rule is not understood |`,
  );
});

test('a host in no zone is left to others, as the dry run says, and what is long pushes nothing aside', () => {
  const far = rows.find(({ state }) => state === 'in no zone') as Row;
  expect(far.detail).toBe('left to others');
  expect(summaryOf([far, rows[0] as Row])).toBe('1 host as wished, 1 in no zone');
  expect(statusText([far]).split('\n')[1]).toMatch(/^ {2}far\.example\.net/);
  const long = { ...far, detail: 'x'.repeat(500), resolved: { ok: true, answer: '203.0.113.1' } };
  const [, first = '', second = ''] = statusText([{ ...long, detail: 'y' }, long]).split('\n');
  expect(first.indexOf('203.0.113.1')).toBeLessThan(150);
  expect(second).toContain('x'.repeat(500));
});

test('whatever has a record can be compared with what a resolver says, and a dispute is told', () => {
  const withTargets = rows.filter(({ targets }) => targets.length > 0).map(({ state }) => state);
  expect(withTargets).toEqual(['as wished', 'differs', 'left over', 'conflict', 'waits']);
  const rival = claim('a', { source: 'Ingress shop/z', targets: parseTargets('198.51.100.6') });
  const all = { claims: [claim('a'), rival], unreadable: [], notes: [] };
  const there = [record('a', '203.0.113.1', web)];
  const made = plan({
    ...{ zone: 'example.com', records: there, identity, allowDeletes: true },
    wishes: all,
  });
  expect(statusOf([made], all)).toMatchObject([
    { state: 'as wished', detail: expect.stringMatching(/others do not: Ingress shop\/z to 198/) },
  ]);
});

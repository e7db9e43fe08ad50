import { expect, test } from 'vitest';
import type { DnsRecord } from '../cloudflare/cloudflare.ts';
import type { Claim, Unreadable } from './claims.ts';
import { brief, claim, decide, type Given, mark, other, ours, ui } from './example.ts';
import { changes } from './plan.ts';

/* Who gets a name: it stays with the object that it was made for, also while that one waits. */

test.each<[string, Omit<Unreadable, 'reason'>, string]>([
  ['wanted it before', { source: ui, text: 'Hots(`x`)' }, 'hold'],
  ['names it', { source: 'Ingress shop/b', text: 'Hots(`A.example.com`)' }, 'hold'],
  ['is about another name', { source: 'Ingress shop/b', text: 'Hots(`b.example.com`)' }, '-A 203.0.113.1'],
])('an object that cannot be read and %s', (_, unreadable, decision) => {
  const given = { records: [ours()], unreadable: [{ ...unreadable, reason: 'it is odd' }] };
  expect(brief(decide(given))).toEqual([`a.example.com: ${decision}`]);
});

test('an object that cannot be read may name a host in its own letters', () => {
  const records = [ours({ name: 'xn--bcher-kva.example.com' })];
  const of = (text: string) =>
    brief(decide({ records, unreadable: [{ source: other, text, reason: 'it is odd' }] }));
  expect(of('Hots(`Bücher.example.com`)')).toEqual(['xn--bcher-kva.example.com: hold']);
  expect(of('Hots(`bucher.example.com`)')).toEqual(['xn--bcher-kva.example.com: -A 203.0.113.1']);
});

const rival = claim('198.51.100.6', other, undefined, { chosen: true });
const waits = { reason: 'it is odd' };
test.each<[string, Given]>([
  ['has no address just now', { claims: [claim(''), rival] }],
  ['cannot be read', { claims: [rival], unreadable: [{ source: ui, text: '', ...waits }] }],
  ['waits with a wildcard that the name may be from', { claims: [claim('', ui, '*.example.com'), rival] }],
])('a rival does not get a name whose object %s', (_, given) => {
  expect(brief(decide({ ...given, records: [ours()] }))).toContain('a.example.com: hold');
});

test.each<[string, Claim[]]>([
  ['its own object has with others', [claim('', ui, 'b.example.com')]],
  ['a wildcard above it has', [claim('', other, '*.example.com')]],
])('a name that nothing claims stays for the wait that %s', (_, claims) => {
  expect(brief(decide({ claims, records: [ours()] }))).toContain('a.example.com: hold');
  const beside = claims.map(each => ({ ...each, source: other, name: 'b.example.net' }));
  expect(brief(decide({ claims: beside, records: [ours()] }))).toContain('a.example.com: -A 203.0.113.1');
});

test('an empty status bends no name that was made from it, but one that the cluster before left', () => {
  const lapsed = claim(undefined, ui, undefined, { lapsed: true });
  const there = (given: Partial<DnsRecord>) => [ours({ content: '198.51.100.9', ...given })];
  expect(brief(decide({ claims: [lapsed], records: there({}) }))).toEqual(['a.example.com: hold']);
  const moved = ['a.example.com: 198.51.100.9 > 203.0.113.1'];
  expect(brief(decide({ claims: [claim()], records: there({}) }))).toEqual(moved);
  expect(brief(decide({ claims: [lapsed], records: there({ comment: mark('Ingress shop/gone') }) }))).toEqual(
    moved,
  );
});

test('two claimants do not take turns in the mark', () => {
  const both = [claim(), claim('203.0.113.1', 'Ingress shop/b')];
  for (const source of [ui, 'Ingress shop/b'])
    expect(brief(decide({ claims: both, records: [ours({ comment: mark(source) })] }))).toEqual([
      'a.example.com: keep',
    ]);
  const gone = decide({ claims: both, records: [ours({ comment: mark('Ingress shop/gone') })] });
  expect(changes(gone)[0]?.operations).toMatchObject([
    { kind: 'patch', after: { comment: mark('Ingress shop/b') } },
  ]);
});

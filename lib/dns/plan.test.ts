import { expect, test } from 'vitest';
import type { DnsRecord } from '../cloudflare/cloudflare.ts';
import type { Claim, Unreadable } from './claims.ts';
import { format, type Identity } from './marker.ts';
import { changes, type Plan, plan } from './plan.ts';
import { parseTargets } from './target.ts';
import type { Defaults } from './wanted.ts';

const identity: Identity = { owner: 'shop', cluster: '0123456789ab' };
const ui = 'IngressRoute shop/ui';
const other = 'Ingress shop/b';
const mark = (source = ui, who = identity) => format({ ...who, source });

let ids = 0;
const record = (given: Partial<DnsRecord>): DnsRecord => ({
  ...{ id: `r${++ids}`, name: 'a.example.com', type: 'A', content: '203.0.113.1' },
  ...{ ttl: 1, proxied: false, comment: null },
  ...given,
});
const ours = (given: Partial<DnsRecord> = {}) => record({ comment: mark(), ...given });
const claim = (
  targets = '203.0.113.1',
  source = ui,
  name = 'a.example.com',
  more: Partial<Claim> = {},
): Claim => ({
  ...{ name, source, targets: targets ? parseTargets(targets) : [] },
  ...more,
});

interface Given {
  records?: DnsRecord[];
  claims?: Claim[];
  unreadable?: Unreadable[];
  allowDeletes?: boolean;
  defaults?: Defaults;
  kinds?: ReadonlySet<string>;
}
const decide = ({
  records = [],
  claims = [],
  unreadable = [],
  allowDeletes = true,
  defaults,
  kinds,
}: Given): Plan =>
  plan({
    zone: 'example.com',
    records,
    identity,
    ...(defaults && { defaults }),
    ...(kinds && { kinds }),
    wishes: { claims, unreadable },
    allowDeletes,
  });

/** `a.example.com: +A 203.0.113.1` and the like, one line a name. */
const brief = ({ decisions }: Plan) =>
  decisions.map(decision => {
    if (decision.kind !== 'change') return `${decision.name}: ${decision.kind}`;
    const operations = decision.operations.map(operation => {
      if (operation.kind === 'create') return `+${operation.after.type} ${operation.after.content}`;
      if (operation.kind === 'delete') return `-${operation.before.type} ${operation.before.content}`;
      return `${operation.before.content} > ${operation.after.content}`;
    });
    return `${decision.name}: ${operations.join(', ')}`;
  });
const reasons = ({ decisions }: Plan) => decisions.flatMap(each => ('reason' in each ? [each.reason] : []));

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

test.each<[string, Given, string]>([
  ['a new host', { claims: [claim()] }, '+A 203.0.113.1'],
  ['nothing new', { claims: [claim()], records: [ours()] }, 'keep'],
  [
    'a new address',
    { claims: [claim()], records: [ours({ content: '203.0.113.9' })] },
    '203.0.113.9 > 203.0.113.1',
  ],
  ['a TTL by hand', { claims: [claim()], records: [ours({ ttl: 300 })] }, '203.0.113.1 > 203.0.113.1'],
  ['an object that went', { records: [ours()] }, '-A 203.0.113.1'],
  ['two addresses', { claims: [claim('203.0.113.1 2001:db8::1')] }, '+A 203.0.113.1, +AAAA 2001:db8::1'],
  [
    'one of two addresses',
    {
      claims: [claim('203.0.113.1 203.0.113.2')],
      records: [ours({ content: '203.0.113.2' }), ours({ content: '203.0.113.3' })],
    },
    '203.0.113.3 > 203.0.113.1',
  ],
  [
    'one too many',
    { claims: [claim()], records: [ours(), ours({ content: '203.0.113.2' })] },
    '-A 203.0.113.2',
  ],
  [
    'A to CNAME',
    { claims: [claim('lb.example.net')], records: [ours()] },
    '+CNAME lb.example.net, -A 203.0.113.1',
  ],
  [
    'CNAME to A',
    { claims: [claim()], records: [ours({ type: 'CNAME', content: 'lb.example.net' })] },
    '+A 203.0.113.1, -CNAME lb.example.net',
  ],
  ['beside a TXT of others', { claims: [claim()], records: [record({ type: 'TXT' })] }, '+A 203.0.113.1'],
  [
    'beside others, and ours went',
    { records: [ours(), record({ content: '198.51.100.7' })] },
    '-A 203.0.113.1',
  ],
  [
    'a CNAME beside a TXT of others',
    { claims: [claim('lb.example.net')], records: [record({ type: 'TXT' })] },
    'conflict',
  ],
  [
    'a CNAME beside an MX, where our address was',
    {
      claims: [claim('lb.example.net')],
      records: [ours(), record({ type: 'MX', content: 'mx.example.net' })],
    },
    'conflict',
  ],
  [
    'a CNAME of ours with a TXT beside it already',
    {
      claims: [claim('lb.example.net')],
      records: [ours({ type: 'CNAME', content: 'lb.example.net' }), record({ type: 'TXT' })],
    },
    'keep',
  ],
  ['the same record, not ours', { claims: [claim()], records: [record({})] }, 'conflict'],
  [
    'ours and theirs',
    { claims: [claim()], records: [ours(), record({ content: '198.51.100.7' })] },
    'conflict',
  ],
  ['a delegation', { claims: [claim()], records: [record({ type: 'NS' })] }, 'conflict'],
  ['our mark on a TXT', { records: [ours(), record({ type: 'TXT', comment: mark() })] }, '-A 203.0.113.1'],
  ['no address yet', { claims: [claim('')], records: [ours()] }, 'hold'],
  ['one of two has no address yet', { claims: [claim(), claim('', 'Ingress shop/b')] }, '+A 203.0.113.1'],
  ['two of one mind', { claims: [claim(), claim('203.0.113.1', 'Ingress shop/b')] }, '+A 203.0.113.1'],
  ['two that differ', { claims: [claim(), claim('203.0.113.2', 'Ingress shop/b')] }, 'conflict'],
  [
    'two that differ, one served',
    { claims: [claim('203.0.113.2', 'Ingress shop/b'), claim()], records: [ours()] },
    'keep',
  ],
  ['an alias of itself', { claims: [claim('a.example.com')] }, 'conflict'],
])('%s', (_, given, decision) => {
  expect(brief(decide(given))).toEqual([`a.example.com: ${decision}`]);
});

test('at the zone itself, where Cloudflare flattens it, a CNAME may stand beside mail', () => {
  const records = [record({ type: 'MX', name: 'example.com', content: 'mx.example.net' })];
  expect(brief(decide({ claims: [claim('lb.example.net', ui, 'example.com')], records }))).toEqual([
    'example.com: +CNAME lb.example.net',
  ]);
});

test('the zone itself may have its own name servers beside it', () => {
  const apex = claim('203.0.113.1', ui, 'example.com');
  const records = [record({ type: 'NS', name: 'example.com', content: 'ns.example.net' })];
  expect(brief(decide({ claims: [apex], records }))).toEqual(['example.com: +A 203.0.113.1']);
});

test.each([
  [null, 'which is not ours', ''],
  ['by hand', 'which is not ours', ''],
  [mark(ui, { owner: 'other', cluster: 'ba9876543210' }), 'which owner other keeps', ''],
  [
    mark(ui, { ...identity, owner: 'other' }),
    'which this cluster has written for owner other',
    '; if that is the old name of owner shop, give "owner" as other again',
  ],
  [
    mark(ui, { ...identity, cluster: 'ba9876543210' }),
    'which another cluster of owner shop keeps',
    '; if that cluster is gone, give its id as "take-over"',
  ],
])('a record with the comment %j stands in the way', (comment, whose, rest) => {
  const records = [record({ comment, content: '198.51.100.7' })];
  expect(reasons(decide({ claims: [claim()], records }))).toEqual([
    `there is A 198.51.100.7, ${whose}: delete it at Cloudflare to hand this name over, or choose another host${rest}`,
  ]);
});

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

test.each<[string, DnsRecord[], Claim[], string[]]>([
  [
    'of two hosts',
    [ours(), ours({ name: 'b.example.com' })],
    [claim('b.example.com'), claim('a.example.com', ui, 'b.example.com')],
    ['a.example.com: conflict', 'b.example.com: conflict'],
  ],
  [
    "back from somebody else's alias",
    [record({ name: 'b.example.com', type: 'CNAME', content: 'a.example.com' })],
    [claim('b.example.com')],
    ['a.example.com: conflict'],
  ],
  [
    'through a wildcard',
    [],
    [claim('y.example.com'), claim('a.example.com', ui, '*.example.com')],
    ['*.example.com: conflict', 'a.example.com: conflict'],
  ],
  [
    'of a wildcard to a name that waits',
    [],
    [claim('', ui, 'lb.example.com'), claim('lb.example.com', ui, '*.example.com')],
    ['*.example.com: conflict', 'lb.example.com: hold'],
  ],
  [
    'that a deletion would close',
    [
      ours({ type: 'CNAME', content: 'b.example.com' }),
      ours({ name: 'b.example.com' }),
      ours({ name: '*.example.com', type: 'CNAME', content: 'a.example.com' }),
    ],
    [claim('b.example.com'), claim('a.example.com', ui, '*.example.com')],
    ['*.example.com: keep', 'a.example.com: keep', 'b.example.com: conflict'],
  ],
  [
    'none, as what is below a delegation is answered elsewhere',
    [record({ type: 'NS', name: 'dev.example.com', content: 'ns.example.net' })],
    [claim('lb.dev.example.com', ui, '*.example.com')],
    ['*.example.com: +CNAME lb.dev.example.com'],
  ],
])('a circle %s', (_, records, claims, decisions) => {
  expect(brief(decide({ records, claims }))).toEqual(decisions);
});

test('the last name of one zone may go while another has hosts, and none while there is no host', () => {
  const world = { zone: 'example.com', records: [ours()], identity, allowDeletes: false };
  const wishes = { claims: [], unreadable: [] };
  expect(plan({ ...world, wishes }).refusal).toMatch(/^The cluster has no host at all/);
  const elsewhere = plan({ ...world, wishes, homes: new Map([['a.example.net', 'example.net']]) });
  expect([elsewhere.refusal, ...brief(elsewhere)]).toEqual([undefined, 'a.example.com: -A 203.0.113.1']);
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

const way = (given: Given) =>
  changes(decide(given)).flatMap(({ operations }) =>
    operations.map(each => (each.kind === 'delete' ? 'delete' : `${each.after.ttl} ${each.after.proxied}`)),
  );

test.each<[string, Claim[], Defaults, string]>([
  ['nothing said', [claim()], { ttl: 1, proxied: false }, '1 false'],
  ['defaults', [claim()], { ttl: 300, proxied: false }, '300 false'],
  ['proxied by default, which has no lifetime', [claim()], { ttl: 300, proxied: true }, '1 true'],
  [
    'an object against the default',
    [claim(undefined, ui, undefined, { proxied: false })],
    { ttl: 60, proxied: true },
    '60 false',
  ],
  [
    'one of two is proxied, so both are',
    [
      claim(undefined, ui, undefined, { proxied: false, ttl: 60 }),
      claim(undefined, other, undefined, { proxied: true }),
    ],
    { ttl: 1, proxied: false },
    '1 true',
  ],
  [
    'the shorter of two lifetimes',
    [claim(undefined, ui, undefined, { ttl: 600 }), claim(undefined, other, undefined, { ttl: 120 })],
    { ttl: 1, proxied: false },
    '120 false',
  ],
])('TTL and proxy: %s', (_, claims, defaults, wanted) => {
  expect(way({ claims, defaults })).toEqual([wanted]);
});

test('whoever does not get a name says nothing of how it is served, and is told', () => {
  const winner = claim(undefined, ui, undefined, { ttl: 3600 });
  const rival = claim('198.51.100.6', other, undefined, { ttl: 60, proxied: true });
  const found = decide({ claims: [winner, rival], records: [ours({ ttl: 3600 })] });
  expect(found.decisions).toMatchObject([
    {
      kind: 'keep',
      disputed: `it leads where ${ui} wants it, and others do not: ${other} to 198.51.100.6`,
    },
  ]);
  // Also when the first one's load balancer has moved, and a rival has what is still there.
  const moved = decide({ claims: [claim('203.0.113.2'), claim(undefined, other)], records: [ours()] });
  expect(brief(moved)).toEqual(['a.example.com: 203.0.113.1 > 203.0.113.2']);
  expect(moved.decisions).toMatchObject([{ disputed: expect.stringMatching(`${other} to 203.0.113.1`) }]);
});

test('why there is no target yet is told, for each object', () => {
  const claims = [claim('', ui, undefined, { pending: 'its Gateway is not accepted' }), claim('', other)];
  expect(reasons(decide({ claims, records: [ours()] }))).toEqual([
    'Ingress shop/b: it has no address yet; IngressRoute shop/ui: its Gateway is not accepted',
  ]);
});

test.each([
  ['below', 'a.dev.example.com', 'conflict'],
  ['at', 'dev.example.com', 'conflict'],
  ['beside', 'adev.example.com', '+A 203.0.113.1'],
])('a host %s a delegation', (_, name, decision) => {
  const records = [record({ type: 'NS', name: 'dev.example.com', content: 'ns.example.net' })];
  expect(brief(decide({ claims: [claim(undefined, ui, name)], records }))).toEqual([`${name}: ${decision}`]);
});

test.each([
  ['a name that only it answers for', 'b.example.com', [], 'conflict'],
  ['a name that exists', 'b.example.com', [record({ name: 'b.example.com' })], '+CNAME b.example.com'],
  ['the zone itself', 'example.com', [], '+CNAME example.com'],
  ['a name elsewhere', 'lb.example.net', [], '+CNAME lb.example.net'],
])('a wildcard may lead to %s: %s', (_, target, records, decision) => {
  expect(brief(decide({ claims: [claim(target, ui, '*.example.com')], records }))).toEqual([
    `*.example.com: ${decision}`,
  ]);
});

test('addresses beside a host name are a conflict', () => {
  const targets = [...parseTargets('203.0.113.1'), ...parseTargets('lb.example.net')];
  expect(reasons(decide({ claims: [claim(undefined, ui, undefined, { targets })] }))[0]).toMatch(
    /^a CNAME stands alone/,
  );
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

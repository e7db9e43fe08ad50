import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DnsRecord } from '../cloudflare/cloudflare.ts';
import type { Unreadable } from './claims.ts';
import { format, type Identity, isOwned } from './marker.ts';
import { changes, type Plan, plan } from './plan.ts';
import { parseTargets } from './target.ts';

const identity: Identity = { owner: 'shop', cluster: '0123456789ab' };
const ui = 'IngressRoute shop/ui';
const mark = (source = ui, who = identity) => format({ ...who, source });

let ids = 0;
const record = (given: Partial<DnsRecord>): DnsRecord => ({
  ...{ id: `r${++ids}`, name: 'a.example.com', type: 'A', content: '203.0.113.1' },
  ...{ ttl: 1, proxied: false, comment: null },
  ...given,
});
const ours = (given: Partial<DnsRecord> = {}) => record({ comment: mark(), ...given });
const claim = (targets = '203.0.113.1', source = ui, name = 'a.example.com') => ({
  ...{ name, source, targets: targets ? parseTargets(targets) : [] },
});

interface Given {
  records?: DnsRecord[];
  claims?: ReturnType<typeof claim>[];
  unreadable?: Unreadable[];
  allowDeletes?: boolean;
}
const decide = ({ records = [], claims = [], unreadable = [], allowDeletes = true }: Given): Plan =>
  plan({
    zone: 'example.com',
    records,
    identity,
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

test('the zone itself may have its own name servers beside it', () => {
  const apex = claim('203.0.113.1', ui, 'example.com');
  const records = [record({ type: 'NS', name: 'example.com', content: 'ns.example.net' })];
  expect(brief(decide({ claims: [apex], records }))).toEqual(['example.com: +A 203.0.113.1']);
});

test.each([
  [null, 'which is not ours', ''],
  ['by hand', 'which is not ours', ''],
  [mark(ui, { ...identity, owner: 'other' }), 'which owner other keeps', ''],
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

const many = (count: number, given: Partial<DnsRecord> = {}) =>
  Array.from({ length: count }, (_, index) => ours({ name: `n${index}.example.com`, ...given }));
const keeping = (records: DnsRecord[]) => records.map(({ name }) => claim('203.0.113.1', ui, name));

test.each([
  [1, 0, 'refused'],
  [2, 1, 'allowed'],
  [9, 1, 'allowed'],
  [10, 7, 'allowed'],
  [10, 6, 'refused'],
  [100, 70, 'allowed'],
  [100, 69, 'refused'],
])('of %i names %i remain: %s', (before, after, verdict) => {
  const records = many(before);
  const given = { records, claims: keeping(records.slice(0, after)) };
  expect(decide({ ...given, allowDeletes: false }).refusal === undefined ? 'allowed' : 'refused').toBe(
    verdict,
  );
  expect(decide({ ...given, allowDeletes: true }).refusal).toBeUndefined();
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

const names = ['example.com', '*.example.com', ...[1, 2, 3, 4].map(number => `n${number}.example.com`)];
const others = [identity, { ...identity, owner: 'other' }, { ...identity, cluster: 'ba9876543210' }];
const sources = [ui, 'Ingress shop/b', 'Ingress shop/c'];
const contents = {
  A: ['203.0.113.1', '203.0.113.2'],
  AAAA: ['2001:db8::1'],
  CNAME: ['lb.example.net'],
  TXT: ['"x"'],
};

/** Zones as Cloudflare lets them be: no record twice, no CNAME beside an address. */
const zones = fc
  .uniqueArray(
    fc
      .record({
        name: fc.constantFrom(...names),
        value: fc.constantFrom(
          ...Object.entries(contents).flatMap(([type, list]) => list.map(content => ({ type, content }))),
        ),
        ttl: fc.constantFrom(1, 300),
        comment: fc.oneof(
          fc.constantFrom(null, 'by hand'),
          fc
            .tuple(fc.constantFrom(...sources), fc.constantFrom(...others))
            .map(([source, who]) => mark(source, who)),
        ),
      })
      .map(({ value, ...rest }) => record({ ...rest, ...value })),
    { selector: ({ name, type, content }) => `${name} ${type} ${content}`, maxLength: 14 },
  )
  .map(records => {
    const aliased = new Set(records.filter(({ type }) => type === 'CNAME').map(({ name }) => name));
    return records.filter(({ name, type }) => type === 'CNAME' || type === 'TXT' || !aliased.has(name));
  });
const wished = fc.uniqueArray(
  fc
    .record({
      name: fc.constantFrom(...names),
      source: fc.constantFrom(...sources),
      targets: fc.constantFrom('', '203.0.113.1', '203.0.113.2 2001:db8::1', 'lb.example.net'),
    })
    .map(({ name, source, targets }) => claim(targets, source, name)),
  { selector: ({ name, source }) => `${name} ${source}`, maxLength: 10 },
);

/** What Cloudflare makes of the changes. */
function applied(records: readonly DnsRecord[], found: Plan): DnsRecord[] {
  const operations = changes(found).flatMap(change => change.operations);
  const gone = operations.flatMap(each => (each.kind === 'delete' ? [each.before.id] : []));
  const left = records.filter(({ id }) => !gone.includes(id));
  const patches = new Map(
    operations.flatMap(each => (each.kind === 'patch' ? [[each.before.id, each.after]] : [])),
  );
  const posts = operations.flatMap(each => (each.kind === 'create' ? [record(each.after)] : []));
  return [...left.map(each => ({ ...each, ...patches.get(each.id) })), ...posts];
}

const clashes = (records: readonly DnsRecord[]) => {
  const keys = records.map(({ name, type, content }) => `${name} ${type} ${content}`);
  const aliases = records.filter(({ type }) => type === 'CNAME');
  const addresses = new Set(records.filter(({ type }) => type.startsWith('A')).map(({ name }) => name));
  return (
    new Set(keys).size !== keys.length ||
    new Set(aliases.map(({ name }) => name)).size !== aliases.length ||
    aliases.some(({ name }) => addresses.has(name))
  );
};

test('in every world, what is not ours stays, what is wished comes, and a second plan is empty', () => {
  fc.assert(
    fc.property(zones, wished, (records, claims) => {
      const found = decide({ records, claims });
      const after = applied(records, found);
      const foreign = (list: DnsRecord[]) => list.filter(({ comment }) => !isOwned(comment, identity));
      expect(foreign(after)).toEqual(foreign(records));
      expect(clashes(after)).toBe(false);

      const again = decide({ records: after, claims });
      expect(changes(again)).toEqual([]);
      expect(again.decisions.map(({ name, kind }) => [name, kind])).toEqual(
        found.decisions.flatMap(({ name, kind }) => {
          if (kind !== 'change') return [[name, kind]];
          return claims.some(each => each.name === name) ? [[name, 'keep']] : [];
        }),
      );

      for (const { name, kind } of found.decisions) {
        const wanted = claims.filter(each => each.name === name && each.targets.length > 0);
        if (kind !== 'change' && kind !== 'keep') continue;
        if (wanted.length === 0) continue;
        const there = after.filter(each => each.name === name && each.type !== 'TXT');
        const served = there.map(({ type, content }) => `${type} ${content}`).sort();
        expect(
          wanted.map(({ targets }) => targets.map(({ type, content }) => `${type} ${content}`).sort()),
        ).toContainEqual(served);
      }
    }),
    { numRuns: 500 },
  );
});

test('two owners in one zone come to rest', () => {
  fc.assert(
    fc.property(zones, wished, wished, (records, mine, theirs) => {
      const step = (list: DnsRecord[], who: Identity, claims: typeof mine) =>
        applied(
          list,
          plan({
            zone: 'example.com',
            records: list,
            identity: who,
            wishes: { claims, unreadable: [] },
            allowDeletes: true,
          }),
        );
      const other = others[1] as Identity;
      let world = records;
      for (let turn = 0; turn < 2; turn++) world = step(step(world, identity, mine), other, theirs);
      expect(step(step(world, identity, mine), other, theirs)).toEqual(world);
    }),
  );
});

import { expect, test } from 'vitest';
import type { DnsRecord } from '../cloudflare/cloudflare.ts';
import type { Claim } from './claims.ts';
import { clusterHash, format, type Identity } from './marker.ts';
import { noSuccession, type Succession } from './ownership.ts';
import { changes, type Plan, plan } from './plan.ts';
import { parseTargets } from './target.ts';

/* What makes records of others ours: nothing by itself, and each only as far as it was asked for. */

const identity: Identity = { owner: 'shop', cluster: clusterHash('new') };
const before: Identity = { owner: 'shop', cluster: clusterHash('old') };
const web = 'Ingress shop/web';
const mark = (who: Identity, source = web) => format({ ...who, source });

const record = (given: Partial<DnsRecord> = {}): DnsRecord => ({
  ...{ id: 'r', name: 'a.example.com', type: 'A', content: '203.0.113.1' },
  ...{ ttl: 1, proxied: false, comment: null },
  ...given,
});
const txt = (owner = 'default', resource = 'ingress/shop/web', name = 'a-a.example.com'): DnsRecord => ({
  ...record({ id: name, name, type: 'TXT' }),
  content: `"heritage=external-dns,external-dns/owner=${owner},external-dns/resource=${resource}"`,
});
const claim = (target = '203.0.113.1', source = web): Claim => ({
  ...{ name: 'a.example.com', source, targets: target ? parseTargets(target) : [] },
});
const decide = (records: DnsRecord[], claims: Claim[], succession: Partial<Succession>): Plan =>
  plan({
    ...{ zone: 'example.com', records, identity, allowDeletes: true },
    wishes: { claims, unreadable: [] },
    succession: { ...noSuccession, ...succession },
  });

/** What becomes of the name, one word an operation, or the decision and the beginning of its reason. */
const outcome = (found: Plan): string =>
  found.decisions
    .map(decision => {
      if (decision.kind !== 'change') return decision.kind;
      const each = decision.operations.map(operation =>
        operation.kind === 'patch'
          ? `patch ${operation.after.content} ${operation.after.comment === mark(identity) ? 'ours' : 'not ours'}`
          : operation.kind === 'delete'
            ? `delete ${operation.before.type}`
            : `create ${operation.after.type}`,
      );
      return each.join(', ');
    })
    .join('; ');

const adopted = 'patch 203.0.113.1 ours';

test.each<[string, DnsRecord[], string]>([
  ['leads where it should', [record()], adopted],
  ['has a comment of somebody', [record({ comment: 'by hand' })], adopted],
  ['has another lifetime', [record({ ttl: 300 })], adopted],
  ['is proxied, and should not be', [record({ proxied: true, ttl: 1 })], 'conflict'],
  ['leads elsewhere', [record({ content: '198.51.100.7' })], 'conflict'],
  [
    'is one of two, the other leading elsewhere',
    [record(), record({ id: 's', content: '198.51.100.7' })],
    'conflict',
  ],
  ['is of another owner', [record({ comment: mark({ ...identity, owner: 'other' }) })], 'conflict'],
  ['is of another cluster', [record({ comment: mark(before) })], 'conflict'],
  ['is of an external-dns', [record(), txt()], 'conflict'],
])('with adopt, a record that %s', (_, records, expected) => {
  expect(outcome(decide(records, [claim()], { adopt: true }))).toBe(expected);
  expect(outcome(decide(records, [claim()], {}))).toBe('conflict');
});

test('a target that the object itself has chosen could be copied from the record, and adopts nothing', () => {
  const copied = { ...claim(), chosen: true };
  const legacy = [record({ comment: 'billing' })];
  expect(outcome(decide(legacy, [copied], { adopt: true }))).toBe('conflict');
  expect(decide(legacy, [copied], {}).decisions).toMatchObject([
    { reason: expect.not.stringContaining('give "adopt"') },
  ]);
  // Where the load balancer's own address says the same, it is that which counts.
  const other = claim(undefined, 'Ingress shop/other');
  expect(decide(legacy, [copied, other], { adopt: true }).decisions).toMatchObject([{ kind: 'change' }]);
});

test('what nobody claims is never adopted', () => {
  expect(decide([record()], [], { adopt: true }).decisions).toEqual([]);
});

test.each<[string, DnsRecord[], Claim[], string]>([
  ['is claimed', [record({ comment: mark(before) })], [claim()], adopted],
  ['should lead elsewhere', [record({ comment: mark(before), content: '198.51.100.7' })], [claim()], adopted],
  ['is claimed no longer', [record({ comment: mark(before) })], [], 'delete A'],
  ['is waited for', [record({ comment: mark(before) })], [claim('')], 'hold'],
  ['is of another owner', [record({ comment: mark({ ...before, owner: 'other' }) })], [claim()], 'conflict'],
])('with take-over, a record of the old cluster that %s', (_, records, claims, expected) => {
  expect(outcome(decide(records, claims, { takeOver: [before.cluster] }))).toBe(expected);
});

test('of a cluster that is taken over nothing goes by itself: the new one may still be filling up', () => {
  const old = ['a', 'b', 'c'].map(id => record({ id, name: `${id}.example.com`, comment: mark(before) }));
  const world = {
    ...{ zone: 'example.com', records: old, identity, wishes: { claims: [claim()], unreadable: [] } },
    succession: { ...noSuccession, takeOver: [before.cluster] },
  };
  expect(outcome(plan({ ...world, allowDeletes: false }))).toBe(`${adopted}; hold; hold`);
  expect(outcome(plan({ ...world, allowDeletes: true }))).toBe(`${adopted}; delete A; delete A`);
});

test('without take-over the records of the old cluster stay, and nobody claiming them is no matter', () => {
  expect(decide([record({ comment: mark(before) })], [], {}).decisions).toEqual([]);
});

const migrated = `${adopted}, delete TXT`;

test.each<[string, DnsRecord[], Claim[], string]>([
  ['the object of the TXT claims the name', [record(), txt()], [claim()], migrated],
  ['it leads elsewhere now', [record({ content: '198.51.100.7' }), txt()], [claim()], migrated],
  ['its type changes', [record(), txt()], [claim('lb.example.net')], 'create CNAME, delete A, delete TXT'],
  [
    'there is a TXT in either format',
    [record(), txt(), txt('default', 'ingress/shop/web', 'a.example.com')],
    [claim()],
    `${migrated}, delete TXT`,
  ],
  ['the owner is not listed', [record(), txt('another')], [claim()], 'conflict'],
  ['another object claims the name', [record(), txt()], [claim(undefined, 'Ingress shop/other')], 'conflict'],
  ['the object is of another kind', [record(), txt('default', 'service/shop/web')], [claim()], 'conflict'],
  [
    'two objects claim it',
    [record(), txt()],
    [claim(), claim(undefined, 'Ingress shop/other')],
    'patch 203.0.113.1 not ours, delete TXT',
  ],
  ['there is no TXT', [record()], [claim()], 'conflict'],
  [
    'one of two records has a TXT',
    [record(), record({ id: 's', type: 'AAAA', content: '2001:db8::1' }), txt()],
    [claim()],
    'conflict',
  ],
  ['the name is not claimed', [record(), txt()], [], ''],
  ['it is not known yet where it leads', [record(), txt()], [claim('')], 'hold'],
  [
    'another owner of ours has it by now',
    [record({ comment: mark({ ...identity, owner: 'other' }) }), txt()],
    [claim()],
    'conflict',
  ],
])('migration from external-dns where %s', (_, records, claims, expected) => {
  expect(outcome(decide(records, claims, { txtOwners: ['default'] }))).toBe(expected);
});

test.each<[string, DnsRecord[], string]>([
  ['with another prefix', [txt('default', 'ingress/other/cluster', 'edns-a-a.example.com')], 'hold'],
  ['sealed with a key', [{ ...txt(), content: `"${'A'.repeat(120)}=="` }], 'hold'],
  ['sealed, in the older format', [{ ...txt(), name: 'a.example.com', content: 'A'.repeat(120) }], 'hold'],
  [
    'of another name',
    [record({ name: 'b.example.com' }), txt('default', 'x/y/z', 'a-b.example.com')],
    adopted,
  ],
  ['of somebody else', [{ ...txt(), name: 'a.example.com', content: '"v=spf1 -all"' }], adopted],
])('nothing is adopted that a TXT %s may speak of', (_, more, expected) => {
  expect(outcome(decide([record(), ...more], [claim()], { adopt: true }))).toBe(expected);
});

test('the older TXT of a host that reads like a newer one of another is not overlooked', () => {
  const at = (name: string) => ({ ...claim(), name });
  const [host, short] = ['a-b.example.com', 'b.example.com'];
  const byHand = record({ id: 'h', name: short, content: '198.51.100.9', comment: 'by hand' });
  const records = [record({ name: host }), txt('default', 'ingress/shop/web', host)];
  const names = (found: Plan) => found.decisions.map(({ name, kind }) => `${name} ${kind}`);
  expect(names(decide(records, [at(host)], { adopt: true }))).toEqual([`${host} hold`]);
  const both = decide([byHand, ...records], [at(host), at(short)], { txtOwners: ['default'] });
  expect(names(both)).toEqual([`${host} conflict`, `${short} conflict`].toSorted());
  // With its newer TXT the host itself is clear.
  const newer = txt('default', 'ingress/shop/web', 'a-a-b.example.com');
  const clear = decide([byHand, ...records, newer], [at(host), at(short)], { txtOwners: ['default'] });
  expect(names(clear).toSorted()).toEqual([`${host} change`, `${short} conflict`]);
  expect(changes(clear)[0]?.operations.map(each => 'before' in each && each.before.name)).toEqual([
    host,
    'a-a-b.example.com',
  ]);
});

test('a host whose first label is that by which wildcards are replaced is not taken for one', () => {
  const [host, wildcard] = ['any.example.com', '*.example.com'];
  const records = [
    record({ id: 'h', name: host, content: '198.51.100.9', comment: 'by hand' }),
    record({ id: 'w', name: wildcard }),
    txt('default', 'ingress/shop/web', 'a-any.example.com'),
  ];
  const succession = { txtOwners: ['default'], txt: { ...noSuccession.txt, wildcardReplacement: 'any' } };
  const claims = [host, wildcard].map(name => ({ ...claim(), name }));
  expect(outcome(decide(records, claims, succession))).toBe('conflict; conflict');
  expect(outcome(decide(records.slice(1), claims, succession))).toBe(`${migrated}; conflict`); // until that TXT is gone
  expect(outcome(decide(records.slice(1), claims.slice(1), succession))).toBe(migrated);
});

test.each([
  ['another owner', 'another', 'ingress/shop/web', 'conflict'],
  ['another object', 'default', 'ingress/shop/other', 'conflict'],
  ['a listed owner, for its object', 'default', 'ingress/shop/web', 'create A, delete TXT'],
])('a TXT of %s without a record', (_, owner, resource, decision) => {
  for (const name of ['a-a.example.com', 'a.example.com'])
    expect(outcome(decide([txt(owner, resource, name)], [claim()], { txtOwners: ['default'] }))).toBe(
      decision,
    );
  expect(outcome(decide([txt(owner, resource, 'aaaa-a.example.com')], [claim()], {}))).toBe('create A');
});

test('of two owners in external-dns both must be listed, in whatever order they come', () => {
  const both = [txt(), txt('another')];
  for (const each of [both, both.toReversed()]) {
    expect(outcome(decide([record(), ...each], [claim()], { txtOwners: ['default'] }))).toBe('conflict');
    expect(outcome(decide([record(), ...each], [claim()], { txtOwners: ['default', 'another'] }))).toBe(
      `${migrated}, delete TXT`,
    );
  }
});

test('the TXT of another owner at the same name stays', () => {
  const records = [record(), txt(), txt('another', 'ingress/shop/web', 'aaaa-a.example.com')];
  const [change] = changes(decide(records, [claim()], { txtOwners: ['default'] }));
  expect(change?.operations.map(each => (each.kind === 'delete' ? each.before.id : each.kind))).toEqual([
    'patch',
    'a-a.example.com',
  ]);
  expect(change?.why).toBe('Ingress shop/web, migrated from external-dns');
});

test.each<[DnsRecord[], RegExp]>([
  [
    [record({ comment: mark(before) })],
    /another cluster of owner shop keeps: .* give its id as "take-over"$/,
  ],
  [
    [record(), txt()],
    /external-dns keeps for ingress\/shop\/web \(owner default\): name that owner in "txt-owners"/,
  ],
  [[record()], /which is as wished and not ours: give "adopt"/],
  [[record({ content: '198.51.100.7' })], /which is not ours: delete it at Cloudflare/],
])('what stands in the way says what can be done', (records, reason) => {
  expect(decide(records, [claim()], {}).decisions).toMatchObject([{ reason: expect.stringMatching(reason) }]);
});

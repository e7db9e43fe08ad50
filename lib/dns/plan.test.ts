import { expect, test } from 'vitest';
import type { Claim } from './claims.ts';
import {
  brief,
  claim,
  decide,
  type Given,
  identity,
  mark,
  other,
  ours,
  reasons,
  record,
  ui,
} from './example.ts';
import { changes } from './plan.ts';
import { parseTargets } from './target.ts';
import type { Defaults } from './wanted.ts';

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

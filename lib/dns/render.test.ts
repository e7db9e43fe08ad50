import { expect, test } from 'vitest';
import type { DnsRecord } from '../cloudflare/cloudflare.ts';
import type { Claim, Unreadable } from './claims.ts';
import { format } from './marker.ts';
import { json } from './outputs.ts';
import { plan } from './plan.ts';
import { markdown, summary, text } from './render.ts';
import { object, wished } from './sources/testing.ts';
import { parseTargets } from './target.ts';

const identity = { owner: 'shop', cluster: '0123456789ab' };
const record = (name: string, given: Partial<DnsRecord> = {}): DnsRecord => ({
  ...{ id: name, name: `${name}.example.com`, type: 'A', content: '203.0.113.10', ttl: 1, proxied: false },
  comment: format({ ...identity, source: `IngressRoute shop/${name}` }),
  ...given,
});
const claim = (name: string, target = '203.0.113.10', source = `IngressRoute shop/${name}`) => ({
  ...{ name: `${name}.example.com`, source, targets: parseTargets(target) },
});
const world = (records: DnsRecord[], claims: Claim[], unreadable: Unreadable[] = []) =>
  plan({
    ...{ zone: 'example.com', records, identity, allowDeletes: true },
    wishes: { claims, unreadable },
  });

const eventful = world(
  [
    record('shop', {
      content: '203.0.113.9',
      ttl: 300,
      proxied: true,
      comment: format({ ...identity, source: 'Ingress shop/x' }),
    }),
    record('old'),
    record('odd'),
    record('calm'),
    record('lb'),
    record('taken', { content: '198.51.100.7', comment: 'by hand' }),
  ],
  [
    claim('api', '203.0.113.10 2001:db8::a'),
    claim('api', '203.0.113.10 2001:db8::a', 'IngressRoute shop/auth'),
    claim('shop'),
    claim('calm'),
    claim('lb', 'edge.example.net'),
    claim('taken'),
  ],
  [{ source: 'IngressRoute shop/odd', text: 'Host(``', reason: 'its rule is not understood: x' }],
);
const notes = [
  'IngressRoute shop/odd: its rule is not understood: x',
  'Ingress shop/all: it has no host, so there is no name for a record',
];

test('a plan reads like this', () => {
  expect(`\n${text([eventful], { notes })}\n`).toBe(`
DNS of example.com: 3 to create, 1 to change, 2 to delete, 1 held, 1 in conflict, 1 as wished

+ api.example.com   A      203.0.113.10                IngressRoute shop/api, IngressRoute shop/auth
+                   AAAA   2001:db8::a
+ lb.example.com    CNAME  edge.example.net            IngressRoute shop/lb
-                   A      203.0.113.10
- old.example.com   A      203.0.113.10                claimed no longer, was for IngressRoute shop/old
~ shop.example.com  A      203.0.113.9 → 203.0.113.10  IngressRoute shop/shop
~                          TTL 300 s → automatic
~                          proxied → DNS only
~                          new owner mark

! odd.example.com    held: IngressRoute shop/odd may still claim it, and its rule is not understood: x
! taken.example.com  conflict: there is A 198.51.100.7, which is not ours: delete it at Cloudflare to hand this name over, or choose another host

Also seen:
  IngressRoute shop/odd: its rule is not understood: x
  Ingress shop/all: it has no host, so there is no name for a record
`);
});

test('whatever an object says, it is one line, and a plan for its hosts fits into a text', () => {
  const hosts = Array.from({ length: 5000 }, (_, at) => `h${at}.example.com`);
  const bomb = object(
    'IngressRoute',
    { routes: [{ match: `Host(${hosts.map(host => `\`${host}\``).join(',')})` }] },
    {
      annotations: {
        ttl: `x\n- www.example.com   A  203.0.113.9  claimed no longer\n${'x'.repeat(200_000)}`,
      },
    },
  );
  const lines = text([world([], wished([bomb]).claims)], { notes: [] }).split('\n');
  expect(lines).toHaveLength(2 + 5000);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(1000);
  const odd = 'Host("a\\q\u001b[31m\u202e\r\u0085::error::forged")';
  const { unreadable } = wished([object('IngressRoute', { routes: [{ match: odd }] })]);
  expect(unreadable[0]?.reason).toBe(
    String.raw`its rule is not understood: "a\q\u001b[31m\u202e\r\u0085::error::forged" has an escape that is not understood`,
  );
});

test('on a page it is a diff', () => {
  const page = markdown([eventful], { notes });
  expect(page).toMatch(/^### DNS of example\.com: 3 to create.*\n\n```diff\n\+ api/);
  expect(page).toMatch(/\n```$/);
  const fences = markdown([world([], [])], { notes: ['```\n# not a heading'] });
  expect(fences).toMatch(/\n\n````text\n[\s\S]*```\n# not a heading\n````$/);
});

test('where nothing is to be done, one line says so', () => {
  const calm = world([record('calm')], [claim('calm')]);
  expect(text([calm], { notes: [] })).toBe('DNS of example.com: nothing to change, 1 as wished');
  expect(markdown([calm], { notes: [] })).toBe('### DNS of example.com: nothing to change, 1 as wished');
  expect(summary(world([], []))).toBe('nothing to change');
});

test('several zones follow each other, and what is noted stands once', () => {
  const one = world([], [claim('a')]);
  expect(
    text([one, { ...one, zone: 'example.net', decisions: [] }], { notes: ['x'], unseen: ['y'] }),
  ).toBe(`DNS of example.com: 1 to create

+ a.example.com  A  203.0.113.10  IngressRoute shop/a

DNS of example.net: nothing to change

Not seen, so no name is let go:
  y

Also seen:
  x`);
});

test('a plan for 10,000 names fits on the page of a run', () => {
  const claims = Array.from({ length: 10_000 }, (_, number) => claim(`n${number}`));
  const page = markdown([world([], claims)], { notes: [] });
  expect(Buffer.byteLength(page)).toBeLessThan(1024 * 1024);
  expect(page).toMatch(/\n```\n\n_The rest is in the log of the run\._$/);
});

test('other steps get it as JSON, without ids, comments, and what is as wished', () => {
  const found = world(
    [record('a', { content: '203.0.113.9' }), record('c'), record('d', { comment: null })],
    [claim('a'), claim('b'), claim('c'), claim('d')],
  );
  expect(json([found], { notes: ['x'] }, [claim('a'), claim('b'), claim('d')])).toEqual({
    zones: [
      {
        zone: 'example.com',
        kept: 1,
        names: [
          {
            name: 'a.example.com',
            objects: ['IngressRoute shop/a'],
            kind: 'change',
            why: 'IngressRoute shop/a',
            operations: [
              {
                kind: 'patch',
                type: 'A',
                from: { content: '203.0.113.9', ttl: 1, proxied: false },
                to: { content: '203.0.113.10', ttl: 1, proxied: false },
              },
            ],
          },
          {
            name: 'b.example.com',
            objects: ['IngressRoute shop/b'],
            kind: 'change',
            why: 'IngressRoute shop/b',
            operations: [
              { kind: 'create', type: 'A', to: { content: '203.0.113.10', ttl: 1, proxied: false } },
            ],
          },
          {
            ...{ name: 'd.example.com', objects: ['IngressRoute shop/d'], kind: 'conflict' },
            reason: expect.stringContaining('give "adopt"'),
          },
        ],
      },
    ],
    notes: ['x'],
    unseen: [],
  });
});

test('a host with letters of its own is shown as people write it too', () => {
  const [claims, name] = [[claim('xn--mnchen-3ya'), claim('*.xn--mnchen-3ya')], 'xn--mnchen-3ya.example.com'];
  const page = text([world([], claims)], { notes: [] });
  expect(page).toContain(`+ ${name} (münchen.example.com)`);
  expect(page).toContain(`+ *.${name} (*.münchen.example.com)`);
});

test('what an object does not get is told in the text too', () => {
  const rival = claim('a', '198.51.100.6', 'Ingress shop/z');
  const found = world([record('a')], [claim('a'), rival]);
  expect(text([found], { notes: [] })).toBe(`DNS of example.com: nothing to change, 1 disputed, 1 as wished

! a.example.com  disputed: it leads where IngressRoute shop/a wants it, and others do not: Ingress shop/z to 198.51.100.6`);
});

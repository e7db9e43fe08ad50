import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isWithin, recordName, sorted } from './host.ts';
import { clusterHash, format, isOwned, parse } from './marker.ts';
import { parseTargets } from './target.ts';

test.each([
  ['Shop.Example.COM', 'shop.example.com'],
  [' shop.example.com. ', 'shop.example.com'],
  ['bücher.example.com', 'xn--bcher-kva.example.com'],
  ['Ｓhop.example。com', 'shop.example.com'],
  // UTS 46, as browsers apply it: what is mapped, what is kept, what is refused.
  ['BÜCHER.example.com', 'xn--bcher-kva.example.com'],
  ['XN--BCHER-KVA.example.com', 'xn--bcher-kva.example.com'],
  ['straße.example.com', 'xn--strae-oqa.example.com'],
  ['ﬀ.example.com', 'ff.example.com'],
  ['a\u0300.example.com', 'xn--0ca.example.com'],
  ['a\u00adb.example.com', 'ab.example.com'],
  ['💩.example.com', 'xn--ls8h.example.com'],
  ['_dmarc.bücher.example.com', '_dmarc.xn--bcher-kva.example.com'],
  ['*.bücher.example.com', '*.xn--bcher-kva.example.com'],
  ['a\u200db.example.com', undefined],
  ['אa.example.com', undefined],
  ['xn--.example.com', undefined],
  ['xn--a.example.com', undefined],
  ['xn--0.example.com', undefined],
  [`${'ä'.repeat(60)}.com`, undefined],
  ['shop.example.123', undefined],
  ['sh$op.example.com', undefined],
  ['*.example.com', '*.example.com'],
  ['_acme.example.com', '_acme.example.com'],
  [`${'a'.repeat(63)}.com`, `${'a'.repeat(63)}.com`],
  [`${'a'.repeat(64)}.com`, undefined],
  [`${'abc.'.repeat(63)}com`, undefined],
  ['*', undefined],
  ['a.*.com', undefined],
  ['*shop.example.com', undefined],
  ['shop', undefined],
  ['shop..com', undefined],
  ['-shop.example.com', undefined],
  ['shop.example.com/path', undefined],
  ['shop.example.com:443', undefined],
  ['%73hop.example.com', undefined],
  ['shop example.com', undefined],
  ['203.0.113.1', undefined],
  ['', undefined],
])('the name of %s is %s', (host, name) => {
  expect(recordName(host)).toBe(name);
});

test('a zone ends at a dot', () => {
  const within = ['example.com', 'a.example.com', 'badexample.com', 'com'];
  expect(within.filter(name => isWithin(name, 'example.com'))).toEqual(['example.com', 'a.example.com']);
});

test('names are sorted from the right', () => {
  const names = ['example.com', 'a.example.com', 'b.a.example.com', 'a-b.example.com', 'a.example.net'];
  expect(sorted(names.toReversed())).toEqual(names);
});

test.each([
  ['203.0.113.1', ['A 203.0.113.1']],
  ['203.0.113.1, 203.0.113.2 203.0.113.1', ['A 203.0.113.1', 'A 203.0.113.2']],
  ['2001:DB8:0::1', ['AAAA 2001:db8::1']],
  ['203.0.113.1,2001:db8::1', ['A 203.0.113.1', 'AAAA 2001:db8::1']],
  ['LB.Example.net.', ['CNAME lb.example.net']],
])('the target %s', (text, targets) => {
  expect(parseTargets(text).map(({ type, content }) => `${type} ${content}`)).toEqual(targets);
});

test.each([
  ['10.0.0.1', /private or local/],
  ['100.64.0.1', /private or local/],
  ['100.127.255.255', /private or local/],
  ['127.0.0.1', /private or local/],
  ['192.168.7.7', /private or local/],
  ['fe80::1', /private or local/],
  ['fd00::1', /private or local/],
  ['::1', /private or local/],
  ['::ffff:203.0.113.1', /write it as IPv4/],
  ['lb.example.net, 203.0.113.1', /a host name beside others/],
  ['*.example.net', /neither an address nor a host name/],
  ['203.0.113', /neither an address nor a host name/],
  [' , ', /is empty/],
])('the target %s is refused', (text, reason) => {
  expect(() => parseTargets(text)).toThrow(reason);
});

const identity = { owner: 'shop', cluster: clusterHash('c0ffee00-0000-4000-8000-000000000000') };

test('a mark says who, for which cluster, and why', () => {
  const comment = format({ ...identity, source: 'IngressRoute shop/ui' });
  expect(comment).toBe(`slipway shop@${identity.cluster} IngressRoute shop/ui`);
  expect(parse(comment)).toEqual({ ...identity, source: 'IngressRoute shop/ui' });
});

test.each([
  null,
  '',
  'slipway',
  `slipway shop@${identity.cluster}`,
  `slipway shop@${identity.cluster} `,
  ` slipway shop@${identity.cluster} Ingress a/b`,
  `Slipway shop@${identity.cluster} Ingress a/b`,
  `slipway SHOP@${identity.cluster} Ingress a/b`,
  `slipway shop@${identity.cluster.toUpperCase()} Ingress a/b`,
  `slipway shop@${identity.cluster}0 Ingress a/b`,
  `slipway shop @${identity.cluster} Ingress a/b`,
  `slipway shop@${identity.cluster} Ingress é`,
  `slipway shop@${identity.cluster} ${'x'.repeat(100)}`,
  `slipway shop-2@${identity.cluster} Ingress a/b`,
  `slipway shop@${clusterHash('another')} Ingress a/b`,
])('%j makes no record ours', comment => {
  // A hash of digits alone has no upper case to tell it by.
  expect(/[a-f]/.test(identity.cluster)).toBe(true);
  expect(isOwned(comment, identity)).toBe(false);
});

test('a mark fits the free plan, whatever the source, and stays ours', () => {
  const owners = fc.stringMatching(/^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/);
  fc.assert(
    fc.property(owners, fc.stringMatching(/^[!-~][ -~]{0,300}$/), (owner, source) => {
      const comment = format({ owner, cluster: identity.cluster, source });
      expect(comment).toMatch(/^[ -~]{1,100}$/);
      expect(isOwned(comment, { owner, cluster: identity.cluster })).toBe(true);
      expect(isOwned(comment, { owner: `${owner}x`, cluster: identity.cluster })).toBe(false);
    }),
  );
});

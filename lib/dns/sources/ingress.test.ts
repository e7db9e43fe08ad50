import { expect, test } from 'vitest';
import type { KubeObject } from '../../kubectl/kubectl.ts';
import { brief, hostname, ingress, ip, object, wished } from './testing.ts';

test.each<[string, KubeObject, string[]]>([
  ['no status', ingress(), ['a.example.com A 203.0.113.1']],
  ['an address', ingress({}, [ip('203.0.113.7')]), ['a.example.com A 203.0.113.7']],
  ['a host', ingress({}, [hostname('LB.example.net.')]), ['a.example.com CNAME lb.example.net']],
  [
    'both families, one of them twice',
    ingress({}, [ip('203.0.113.7'), ip('2001:DB8::1'), ip('2001:db8:0::1')]),
    ['a.example.com A 203.0.113.7 AAAA 2001:db8::1'],
  ],
  [
    'addresses and a host',
    ingress({}, [{ ip: '203.0.113.7', hostname: 'lb.example.net' }]),
    ['a.example.com A 203.0.113.7', '- its status has addresses and host names; lb.example.net is left out'],
  ],
  [
    'two hosts',
    ingress({}, [hostname('b.example.net'), hostname('c.example.net')]),
    [
      'a.example.com (its status has several host names (b.example.net, c.example.net), and a name can lead to one only)',
    ],
  ],
  [
    'the same host twice',
    ingress({}, [hostname('b.example.net'), hostname('B.example.net')]),
    ['a.example.com CNAME b.example.net'],
  ],
  [
    'a private address, which is no reason to take the fallback',
    ingress({}, [ip('10.0.0.5')]),
    [
      'a.example.com (its status has only 10.0.0.5, which nobody outside can reach; the annotation dns.slipway/allow-private: "true" lets it through)',
    ],
  ],
  [
    'a private address that is meant',
    ingress({ 'dns.slipway/allow-private': 'true' }, [ip('10.0.0.5')]),
    ['a.example.com A 10.0.0.5'],
  ],
  [
    'a private address beside a public one',
    ingress({}, [ip('10.0.0.5'), ip('203.0.113.7')]),
    ['a.example.com A 203.0.113.7', '- its status has 10.0.0.5 too, which nobody outside can reach'],
  ],
  [
    'the name of a machine within',
    ingress({}, [hostname('traefik.kube-system.svc.cluster.local')]),
    [
      expect.stringMatching(
        /^a\.example\.com \(its status has only traefik\..*local, which nobody outside/,
      ) as unknown as string,
    ],
  ],
  [
    'IPv4 in IPv6 clothing',
    ingress({}, [ip('::ffff:203.0.113.7')]),
    [
      'a.example.com (its status has a value that is of no use: ::ffff:203.0.113.7 is an IPv4 address in IPv6 clothing: write it as IPv4)',
    ],
  ],
  [
    'a target by annotation',
    ingress({ target: '203.0.113.8, 203.0.113.9' }, [ip('203.0.113.7')]),
    ['a.example.com A 203.0.113.8 A 203.0.113.9'],
  ],
  [
    'a target with the new prefix',
    ingress({ 'external-dns.kubernetes.io/target': 'lb.example.net' }),
    ['a.example.com CNAME lb.example.net'],
  ],
  [
    'both prefixes',
    ingress({ 'external-dns.kubernetes.io/target': '203.0.113.8', target: '203.0.113.9' }),
    [
      'a.example.com A 203.0.113.8',
      '- it has target with both prefixes; external-dns.kubernetes.io/target counts',
    ],
  ],
  [
    'a target that mixes',
    ingress({ target: '203.0.113.8,lb.example.net' }),
    ['a.example.com (its annotation target has addresses and host names; lb.example.net is left out)'],
  ],
  [
    'a target that is none',
    ingress({ target: 'https://lb' }, [ip('203.0.113.7')]),
    [
      'a.example.com (its annotation target has a value that is of no use: "https://lb" is neither an address nor a host name: give one of them)',
    ],
  ],
  ['a TTL in seconds', ingress({ ttl: '300' }), ['a.example.com A 203.0.113.1 ttl=300']],
  ['a TTL as Go writes it', ingress({ ttl: '10m' }), ['a.example.com A 203.0.113.1 ttl=600']],
  ['a TTL in parts', ingress({ ttl: '1h0.5m2.9s' }), ['a.example.com A 203.0.113.1 ttl=3632']],
  ['the automatic TTL', ingress({ ttl: '1' }), ['a.example.com A 203.0.113.1 ttl=1']],
  ...['59', '86401', '0', '-300', '10 minutes', 'm', '2s'].map((ttl): [string, KubeObject, string[]] => [
    `the TTL ${ttl}`,
    ingress({ ttl }),
    [
      `a.example.com (its ttl is "${ttl}", which is neither 1 nor from 60 seconds to a day, such as 300, 10m or 1h)`,
    ],
  ]),
  [
    'proxied, whose TTL is fixed',
    ingress({ 'cloudflare-proxied': 'true', ttl: '300' }),
    [
      'a.example.com A 203.0.113.1 ttl=1 proxied=true',
      '- its ttl does not count, for Cloudflare sets that of a proxied record',
    ],
  ],
  ['not proxied', ingress({ 'cloudflare-proxied': 'False' }), ['a.example.com A 203.0.113.1 proxied=false']],
  [
    'proxied or not',
    ingress({ 'cloudflare-proxied': 'yes' }),
    ['a.example.com (its cloudflare-proxied is "yes", which is neither true nor false)'],
  ],
  [
    'left alone',
    ingress({ 'dns.slipway/ignore': 'true' }),
    ['- left alone, as its annotation dns.slipway/ignore says'],
  ],
  ['not left alone', ingress({ 'dns.slipway/ignore': 'false' }), ['a.example.com A 203.0.113.1']],
  [
    'of another controller',
    ingress({ controller: 'other' }),
    ['- left to the controller "other" of its annotation'],
  ],
  ["of external-dns's name", ingress({ controller: 'dns-controller' }), ['a.example.com A 203.0.113.1']],
  [
    'a host by annotation too',
    ingress({ hostname: 'b.example.com, C.example.com.' }),
    ['a.example.com', 'b.example.com', 'c.example.com'].map(name => `${name} A 203.0.113.1`),
  ],
  [
    'hosts by annotation only',
    ingress({ hostname: 'b.example.com', 'ingress-hostname-source': 'annotation-only' }),
    ['b.example.com A 203.0.113.1'],
  ],
  [
    'its own hosts only',
    ingress({ hostname: 'b.example.com', 'ingress-hostname-source': 'defined-hosts-only' }),
    ['a.example.com A 203.0.113.1'],
  ],
  [
    'hosts from nowhere',
    ingress({ hostname: 'b.example.com', 'ingress-hostname-source': 'annotations' }),
    ['a.example.com', 'b.example.com'].map(
      name =>
        `${name} (its hostname-source is "annotations", which is neither annotation-only nor defined-hosts-only)`,
    ),
  ],
  [
    'certificates, which say nothing of traffic',
    ingress({}, [], { tls: [{ hosts: ['t.example.com'] }] }),
    ['a.example.com A 203.0.113.1'],
  ],
  [
    'certificates that are meant',
    ingress({ 'dns.slipway/tls-hosts': 'true' }, [], {
      tls: [{ hosts: ['t.example.com', 'a.example.com'] }, {}],
    }),
    ['a.example.com A 203.0.113.1', 't.example.com A 203.0.113.1'],
  ],
  [
    'no host',
    ingress({}, [ip('203.0.113.7')], { rules: [{}], defaultBackend: {} }),
    ['- it has no host, so there is no name for a record'],
  ],
  [
    'a host that is none',
    ingress({}, [], { rules: [{ host: 'a b.example.com' }, { host: 'b.example.com' }] }),
    ['b.example.com A 203.0.113.1', 'unreadable a b.example.com: "a b.example.com" is not a host name'],
  ],
  [
    'another shape',
    object('Ingress', { rules: [{ host: 3 }] }),
    ['unreadable [{"rules":[{"host":3}]},{}]: its spec.rules.0.host must be string'],
  ],
])('an Ingress with %s', (_, given, lines) => {
  expect(brief(wished([given]))).toEqual(lines);
});

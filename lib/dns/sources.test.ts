import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KubeObject } from '../kubectl/kubectl.ts';
import type { Wishes } from './claims.ts';
import { recordName } from './host.ts';
import { parseSources, type SourceName, sources, wishes } from './sources.ts';
import { parseTargets, type Whereto } from './target.ts';

const fallback: Whereto = { targets: parseTargets('203.0.113.1') };
const versions: Record<string, string> = {
  Ingress: 'networking.k8s.io/v1',
  Service: 'v1',
  HTTPRoute: 'gateway.networking.k8s.io/v1',
};

/** One object of the namespace `shop`; annotations without a prefix are external-dns's. */
const object = (
  kind: string,
  spec: unknown,
  { annotations = {}, status, name = 'a' }: { annotations?: object; status?: unknown; name?: string } = {},
): KubeObject => ({
  apiVersion: versions[kind] ?? 'traefik.io/v1alpha1',
  kind,
  metadata: {
    ...{ name, namespace: 'shop' },
    annotations: Object.fromEntries(
      Object.entries(annotations).map(([key, value]) => [
        key.includes('/') ? key : `external-dns.alpha.kubernetes.io/${key}`,
        value as string,
      ]),
    ),
  },
  spec,
  status,
});
const all = Object.keys(sources) as SourceName[];
const wished = (objects: KubeObject[], where = fallback): Wishes =>
  wishes(all, objects, { fallback: where, fromFiles: false });

/** `a.example.com A 203.0.113.1`, with `ttl=`, `proxied=` and, in brackets, why it waits; then the rest, one line each. */
const brief = ({ claims, unreadable, notes }: Wishes): string[] => [
  ...claims.map(({ name, targets, pending, ttl, proxied }) =>
    [
      name,
      ...targets.map(({ type, content }) => `${type} ${content}`),
      ...(ttl === undefined ? [] : [`ttl=${ttl}`]),
      ...(proxied === undefined ? [] : [`proxied=${proxied}`]),
      ...(pending === undefined ? [] : [`(${pending})`]),
    ].join(' '),
  ),
  ...unreadable.map(({ text, reason }) => `unreadable ${text}: ${reason}`),
  ...notes.map(note => note.replace(/^\w+ shop\/a: /, '- ')),
];

const ingress = (annotations: object = {}, addresses: object[] = [], spec: object = {}) =>
  object(
    'Ingress',
    { rules: [{ host: 'a.example.com' }], ...spec },
    { annotations, status: { loadBalancer: { ingress: addresses } } },
  );
const ip = (address: string) => ({ ip: address });
const hostname = (name: string) => ({ hostname: name });

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

const service = (
  annotations: object,
  { externalIPs, type = 'LoadBalancer' }: { externalIPs?: string[]; type?: string } = {},
  addresses: object[] = [],
) =>
  object(
    'Service',
    { type, ...(externalIPs && { externalIPs }) },
    { annotations, status: { loadBalancer: { ingress: addresses } } },
  );
const named = { hostname: 'a.example.com' };

test.each<[string, KubeObject, string[]]>([
  ['no annotation', service({}, {}, [ip('203.0.113.7')]), []],
  ['a host', service(named, {}, [ip('203.0.113.7')]), ['a.example.com A 203.0.113.7']],
  ['no address yet: the fallback is not its own', service(named), ['a.example.com (it has no address yet)']],
  [
    'external addresses, which come before the status',
    service(named, { externalIPs: ['203.0.113.8'] }, [ip('203.0.113.7')]),
    ['a.example.com A 203.0.113.8'],
  ],
  [
    'a target, which comes before all',
    service({ ...named, target: '203.0.113.9' }, { externalIPs: ['203.0.113.8'] }, [ip('203.0.113.7')]),
    ['a.example.com A 203.0.113.9'],
  ],
  [
    'another type',
    service(named, { type: 'ClusterIP', externalIPs: ['203.0.113.8'] }),
    ['- it names a host and is no LoadBalancer, so nothing outside leads to it'],
  ],
])('a Service with %s', (_, given, lines) => {
  expect(brief(wished([given]))).toEqual(lines);
});

const route = (annotations: object, ...rules: string[]) =>
  object('IngressRoute', { routes: rules.map(match => ({ match })) }, { annotations });

test.each<[string, KubeObject, string[]]>([
  [
    'rules',
    route({}, 'Host(`b.example.com`) && Path(`/`)', 'Host(`b.example.com`) || Host(`*.example.com`)'),
    ['b.example.com A 203.0.113.1', '*.example.com A 203.0.113.1'],
  ],
  [
    'annotations',
    route({ hostname: 'c.example.com', target: '203.0.113.8', ttl: '5m' }, 'Host(`b.example.com`)'),
    ['b.example.com A 203.0.113.8 ttl=300', 'c.example.com A 203.0.113.8 ttl=300'],
  ],
  ['no host', route({}, 'PathPrefix(`/`)'), ['- it has no host, so there is no name for a record']],
  ['every host', route({}, 'HostSNI(`*`)'), ['- it has no host, so there is no name for a record']],
  [
    'a pattern',
    route({}, 'HostRegexp(`.*`) || Host(`b.example.com`)'),
    ['b.example.com A 203.0.113.1', '- no record can be made of the HostRegexp .*'],
  ],
  [
    'a rule that is not understood beside one that is',
    route({}, 'Host(`b.example.com`)', 'Host(`c.example.com`'),
    [
      'b.example.com A 203.0.113.1',
      'unreadable Host(`c.example.com`: its rule is not understood: "," or ")" expected, the end found',
    ],
  ],
  [
    'a rule without an end',
    object('IngressRoute', { routes: [{}] }),
    ['unreadable : its rule is not understood: a matcher such as Host(`…`) expected, the end found'],
  ],
  [
    'TCP',
    object('IngressRouteTCP', {
      routes: [{ match: 'HostSNI(`b.example.com`) && !HostSNI(`c.example.com`)' }],
    }),
    ['b.example.com A 203.0.113.1'],
  ],
  ['nothing', object('IngressRoute', undefined), ['- it has no host, so there is no name for a record']],
])('an IngressRoute with %s', (_, given, lines) => {
  expect(brief(wished([given]))).toEqual(lines);
});

test('without a place to lead to a host waits', () => {
  const nowhere = { targets: [], pending: 'the target is none' };
  expect(brief(wished([ingress(), ingress({}, [ip('203.0.113.7')])], nowhere))).toHaveLength(1);
  expect(brief(wished([route({}, 'Host(`b.example.com`)')], nowhere))).toEqual([
    'b.example.com (the target is none)',
  ]);
});

test('each object claims a name of its own accord, and what is not asked for is not seen', () => {
  const objects = [ingress(), route({}, 'Host(`a.example.com`)')];
  expect(wished(objects).claims.map(({ source }) => source)).toEqual([
    'Ingress shop/a',
    'IngressRoute shop/a',
  ]);
  expect(wishes(['ingress'], objects, { fallback, fromFiles: false }).claims).toHaveLength(1);
});

test('whatever an object holds, it is read or kept in mind, and every claim is one that can be a record', () => {
  const words = fc.constantFrom(
    'a.example.com',
    '203.0.113.7',
    'true',
    '10m',
    '',
    '*',
    'Host(`b.example.com`)',
    '::1',
  );
  const texts = fc.oneof(words, fc.string());
  const annotation = fc.tuple(
    fc.constantFrom(
      'hostname',
      'target',
      'ttl',
      'cloudflare-proxied',
      'ingress-hostname-source',
      'controller',
    ),
    texts,
  );
  // Mostly of the right shape, with anything in the place of any part.
  const or = <T>(right: fc.Arbitrary<T>) => fc.oneof({ weight: 9, arbitrary: right }, fc.jsonValue());
  const list = <T>(right: fc.Arbitrary<T>) => or(fc.array(or(right), { maxLength: 3 }));
  const spec = fc.record(
    {
      ...{ rules: list(fc.record({ host: or(texts) })), tls: list(fc.record({ hosts: list(texts) })) },
      ...{ routes: list(fc.record({ match: or(texts) })), hostnames: list(texts), externalIPs: list(texts) },
      parentRefs: list(fc.record({ name: or(texts), kind: or(texts) })),
      type: fc.constant('LoadBalancer'),
    },
    { requiredKeys: [] },
  );
  const given = fc.record({
    kind: fc.constantFrom('Ingress', 'IngressRoute', 'IngressRouteTCP', 'HTTPRoute', 'Service'),
    spec: or(spec),
    status: or(fc.record({ loadBalancer: fc.record({ ingress: list(fc.record({ ip: or(texts) })) }) })),
    annotations: fc.array(annotation, { maxLength: 4 }).map(Object.fromEntries),
  });
  fc.assert(
    fc.property(given, ({ kind, spec, ...more }) => {
      for (const { name, targets, pending, ttl } of wished([object(kind, spec, more)]).claims) {
        expect(recordName(name)).toBe(name);
        expect(targets.length > 0).toBe(pending === undefined);
        expect(ttl === undefined || ttl === 1 || (ttl >= 60 && ttl <= 86_400)).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

test('sources are named in any way, and a wrong name is told with all others', () => {
  expect(parseSources('Ingress,  httproute\ningress')).toEqual(['ingress', 'httproute']);
  expect(() => parseSources(' , ')).toThrow(
    'There is no source to take hosts from: name one or more of ingress,',
  );
  expect(() => parseSources('ingres, pod')).toThrow(
    /"ingres" to take hosts from: did you mean "ingress"\?\n.*"pod" .*: it must be one of ingress,/,
  );
});

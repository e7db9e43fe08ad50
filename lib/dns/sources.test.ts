import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KubeObject } from '../kubectl/kubectl.ts';
import { recordName } from './host.ts';
import { brief, fallback, ingress, ip, object, wished } from './sources/testing.ts';
import { kindsOf, parseSources, wishes } from './sources.ts';

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

test.each<[string, KubeObject, boolean]>([
  ['by annotation', ingress({ target: '203.0.113.8' }), true],
  ['by annotation of a route', route({ target: '203.0.113.8' }, 'Host(`b.example.com`)'), true],
  ['as an external address', service(named, { externalIPs: ['203.0.113.8'] }), true],
  ['by status', ingress({}, [ip('203.0.113.7')]), false],
  ['by the fallback', route({}, 'Host(`b.example.com`)'), false],
])('whether a target %s is one that the author of the object has chosen', (_, given, chosen) => {
  expect(wished([given]).claims.map(claim => claim.chosen ?? false)).toEqual([chosen]);
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

test('each source says what kind of object its claims are for', () => {
  for (const name of ['ingress', 'ingressroute', 'ingressroutetcp', 'httproute', 'service'] as const) {
    const [kind = ''] = kindsOf([name]);
    const rules = { rules: [{ host: 'a.example.com' }], routes: [{ match: 'Host(`a.example.com`)' }] };
    const routed = { hostnames: ['a.example.com'], parentRefs: [{ name: 'none' }] };
    const given = object(kind, { ...rules, ...routed, type: 'LoadBalancer' }, { annotations: named });
    const [claim] = wishes([name], [given], { fallback, fromFiles: false }).claims;
    expect(claim?.source).toBe(`${kind} shop/a`);
  }
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

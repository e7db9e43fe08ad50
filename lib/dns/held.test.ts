import { expect, test } from 'vitest';
import type { DnsRecord } from '../cloudflare/cloudflare.ts';
import type { KubeObject } from '../kubectl/kubectl.ts';
import { format } from './marker.ts';
import { changes, plan } from './plan.ts';
import { ingress, object, wished } from './sources/testing.ts';

/* From objects to decisions: what was made for an object stays while it waits, and after a slip of the pen. */

const identity = { owner: 'shop', cluster: '0123456789ab' };
const decided = (records: DnsRecord[], objects: KubeObject[]) => {
  const { claims, unreadable } = wished([
    ...objects,
    object('Ingress', { rules: [{ host: 'o.example.com' }] }, { name: 'o' }),
  ]);
  return plan({ zone: 'example.com', records, identity, allowDeletes: true, wishes: { claims, unreadable } });
};
/** The records that these objects have. */
const made = (objects: KubeObject[]): DnsRecord[] =>
  changes(decided([], objects)).flatMap(({ operations }) =>
    operations.flatMap((each, at) =>
      'after' in each ? [{ ...each.after, id: `${each.after.name} ${at}` }] : [],
    ),
  );
const touched = (records: DnsRecord[], objects: KubeObject[]) =>
  changes(decided(records, objects)).map(({ name }) => name);

const group = 'gateway.networking.k8s.io/v1';
const gateway = (name: string, hostname: string): KubeObject => ({
  ...{ apiVersion: group, kind: 'Gateway', metadata: { name, namespace: 'shop' } },
  spec: { listeners: [{ name: 'http', port: 80, protocol: 'HTTP', hostname }] },
  status: { addresses: [{ value: '203.0.113.1' }] },
});
interface Stand {
  name?: string;
  accepted?: Record<string, string>;
  generation?: number;
}
const route = (
  hostnames: string[],
  { name = 'a', accepted = { web: 'True' }, generation = 1 }: Stand = {},
): KubeObject => ({
  ...{ apiVersion: group, kind: 'HTTPRoute', metadata: { name, namespace: 'shop', generation } },
  spec: {
    ...(hostnames.length > 0 && { hostnames }),
    parentRefs: Object.keys(accepted).map(each => ({ name: each })),
  },
  status: {
    parents: Object.entries(accepted).map(([name, status]) => ({
      parentRef: { name },
      conditions: [{ type: 'Accepted', status, observedGeneration: 1 }],
    })),
  },
});

const web = gateway('web', 'shop.example.com');
const wild = ['*.example.com'];
const two = [gateway('x', 'x.example.com'), gateway('y', 'y.example.com')];
const both = (x: string) => ({ accepted: { x, y: 'True' } });

test.each<[string, KubeObject[], KubeObject[]]>([
  ['was edited a moment ago', [web, route(wild)], [web, route(wild, { generation: 2 })]],
  ['has lost its Gateway for a moment', [web, route(wild)], [route(wild)]],
  ['is refused by its only Gateway', [web, route(wild)], [web, route(wild, { accepted: { web: 'False' } })]],
  ['is refused by one of two', [...two, route(wild, both('True'))], [...two, route(wild, both('False'))]],
  [
    'shares a listener with one that is gone, and waits',
    [web, route([]), route([], { name: 'b' })],
    [web, route([], { name: 'b', generation: 2 })],
  ],
  [
    'shares a listener with one that is gone, and is refused',
    [web, route([]), route([], { name: 'b' })],
    [web, route([], { name: 'b', accepted: { web: 'False' } })],
  ],
])('no record of a route goes that %s', (_, before, after) => {
  const records = made(before);
  expect(records.length).toBeGreaterThan(1);
  expect(touched(records, after)).toEqual([]);
});

const right = { 'dns.slipway/tls-hosts': 'true', hostname: 'hn.example.com' };
const spec = { tls: [{ hosts: ['tls.example.com'] }] };

test.each([
  [{ 'dns.slipway/tls-hosts': 'yes' }],
  [{ 'dns.slipway/tls-hosts': 'ture' }],
  [{ 'dns.slipway/ignore': 'tru' }],
  [{ controller: 'dns-controler' }],
  [{ controller: '' }],
  [{ hostname: '' }],
  [{ hostname: 'hn.example.com;x.example.com' }],
  [{ 'external-dns.kubernetes.io/hostname': '' }],
  [{ 'ingress-hostname-source': 'anotation-only' }],
  [{ ttl: '10min' }],
])('%j changes no record', slip => {
  const records = made([ingress(right, [], spec)]);
  expect(records.map(({ name }) => name)).toEqual([
    ...['a.example.com', 'hn.example.com', 'o.example.com', 'tls.example.com'],
  ]);
  expect(touched(records, [ingress({ ...right, ...slip }, [], spec)])).toEqual([]);
});

test('a Service whose hostname is empty keeps what it had', () => {
  const service = (hostname: string) =>
    object('Service', { type: 'LoadBalancer', externalIPs: ['203.0.113.1'] }, { annotations: { hostname } });
  const records = made([service('s.example.com')]);
  expect(records.map(({ name }) => name)).toContain('s.example.com');
  expect(touched(records, [service('')])).toEqual([]);
});

test('what another controller has is let go', () => {
  const records = made([ingress(right, [], spec)]);
  expect(touched(records, [ingress({ ...right, controller: 'my-own' }, [], spec)])).toHaveLength(3);
});

test('an unreadable object holds a name that it has in letters of its own', () => {
  const comment = format({ ...identity, source: 'Ingress shop/gone' });
  const record = {
    id: 'u',
    name: 'xn--bcher-kva.example.com',
    type: 'A',
    content: '203.0.113.1',
    ttl: 1,
    proxied: false,
    comment,
  };
  const odd = (match: string) => object('IngressRoute', { routes: [{ match }] });
  expect(touched([record], [odd('Hots(`BÜCHER.example.com`)')])).not.toContain(record.name);
  expect(touched([record], [odd('Hots(`b.example.com`)')])).toContain(record.name);
});

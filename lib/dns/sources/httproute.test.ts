import { expect, test } from 'vitest';
import type { KubeObject } from '../../kubectl/kubectl.ts';
import { wishes } from '../sources.ts';

const group = 'gateway.networking.k8s.io';
const theirs = (annotations: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(annotations).map(([key, value]) => [`external-dns.kubernetes.io/${key}`, value]),
  );
const metadata = (name: string, annotations: Record<string, string> = {}, namespace = 'shop') => ({
  ...{ name, namespace, generation: 2 },
  annotations: theirs(annotations),
});

interface GatewayParts {
  name?: string;
  namespace?: string;
  annotations?: Record<string, string>;
  listeners?: object[];
  addresses?: string[];
}
const gateway = ({
  name = 'web',
  namespace = 'shop',
  annotations = {},
  listeners = [{}],
  addresses = ['203.0.113.7'],
}: GatewayParts = {}): KubeObject => ({
  ...{ apiVersion: `${group}/v1`, kind: 'Gateway' },
  metadata: metadata(name, annotations, namespace),
  spec: { listeners: listeners.map(each => ({ name: 'http', port: 80, protocol: 'HTTP', ...each })) },
  status: { addresses: addresses.map(value => ({ type: 'IPAddress', value })) },
});

interface RouteParts {
  hostnames?: string[];
  parents?: object[];
  accepted?: (string | undefined)[];
  generation?: number;
  annotations?: Record<string, string>;
}
const route = ({
  hostnames = ['a.example.com'],
  parents = [{ name: 'web' }],
  accepted = parents.map(() => 'True'),
  generation = 2,
  annotations = {},
}: RouteParts = {}): KubeObject => ({
  ...{ apiVersion: `${group}/v1`, kind: 'HTTPRoute', metadata: metadata('a', annotations) },
  spec: { parentRefs: parents, ...(hostnames.length > 0 && { hostnames }) },
  status: {
    parents: parents.flatMap((parentRef, index) => {
      const status = accepted[index];
      if (status === undefined) return [];
      const reason = status === 'True' ? 'Accepted' : 'NotAllowedByListeners';
      return [
        { parentRef, conditions: [{ type: 'Accepted', status, reason, observedGeneration: generation }] },
      ];
    }),
  },
});
const namespace: KubeObject = {
  ...{ apiVersion: 'v1', kind: 'Namespace' },
  metadata: { name: 'shop', labels: { tier: 'public' } },
};

const wished = (objects: KubeObject[], fromFiles = false): string[] => {
  const fallback = { targets: [{ type: 'A' as const, content: '203.0.113.1' }] };
  const found = wishes(['httproute'], [namespace, ...objects], { fallback, fromFiles });
  return [
    ...found.claims.map(({ name, targets, pending, ttl }) =>
      [
        name,
        ...targets.map(({ content }) => content),
        ...(ttl ? [`ttl=${ttl}`] : []),
        ...(pending ? [`(${pending})`] : []),
      ].join(' '),
    ),
    ...found.unreadable.map(({ reason }) => `unreadable: ${reason}`),
    ...found.notes.map(note => note.replace('HTTPRoute shop/a: ', '- ')),
  ];
};
const one = ['a.example.com 203.0.113.7'];
const listening = (...listeners: object[]) => gateway({ listeners });

test.each<[string, KubeObject[], string[]]>([
  ['a Gateway', [route(), gateway()], one],
  ['a host of the listener too', [route(), listening({ hostname: 'a.example.com' })], one],
  ['a wildcard of the listener', [route(), listening({ hostname: '*.example.com' })], one],
  [
    'a wildcard of its own',
    [route({ hostnames: ['*.example.com'] }), listening({ hostname: 'a.example.com' })],
    one,
  ],
  [
    'wildcards of both',
    [route({ hostnames: ['*.b.example.com'] }), listening({ hostname: '*.example.com' })],
    ['*.b.example.com 203.0.113.7'],
  ],
  [
    'a host below a wildcard by two labels',
    [route({ hostnames: ['a.b.example.com'] }), listening({ hostname: '*.example.com' })],
    ['a.b.example.com 203.0.113.7'],
  ],
  [
    'a host that no listener takes',
    [route({ hostnames: ['a.example.com', 'example.com'] }), listening({ hostname: '*.example.com' })],
    [...one, '- no listener of its Gateways takes example.com'],
  ],
  [
    'hosts of the listeners, for want of its own',
    [route({ hostnames: [] }), listening({ hostname: 'a.example.com' }, { name: 'all' })],
    one,
  ],
  [
    'no host anywhere',
    [route({ hostnames: [] }), gateway()],
    ['- it has no host, so there is no name for a record'],
  ],
  [
    'a host by annotation, which a listener must take as well',
    [
      route({ annotations: { hostname: 'b.example.com,c.example.net', ttl: '300' } }),
      listening({ hostname: '*.example.com' }),
    ],
    [
      ...['a.example.com 203.0.113.7 ttl=300', 'b.example.com 203.0.113.7 ttl=300'],
      '- no listener of its Gateways takes c.example.net',
    ],
  ],
  [
    "a host by annotation beside the listener's",
    [
      route({ hostnames: [], annotations: { hostname: 'b.example.com' } }),
      listening({ hostname: '*.example.com' }),
    ],
    ['b.example.com 203.0.113.7', '*.example.com 203.0.113.7'],
  ],
  [
    'a host by annotation while its Gateway has not looked',
    [route({ hostnames: [], annotations: { hostname: 'b.example.com' }, accepted: [undefined] }), gateway()],
    [
      'b.example.com (Gateway shop/web has not said yet whether it takes it as it is now)',
      'unreadable: Gateway shop/web has not said yet whether it takes it as it is now',
    ],
  ],
  [
    'hosts by annotation only',
    [
      route({ annotations: { hostname: 'b.example.com', 'gateway-hostname-source': 'annotation-only' } }),
      gateway(),
    ],
    ['b.example.com 203.0.113.7'],
  ],
  [
    'one section of its Gateway',
    [
      route({ hostnames: [], parents: [{ name: 'web', sectionName: 'two' }] }),
      listening({ hostname: 'a.example.com' }, { name: 'two', hostname: 'b.example.com' }),
    ],
    ['b.example.com 203.0.113.7'],
  ],
  [
    'one port of its Gateway',
    [
      route({ hostnames: [], parents: [{ name: 'web', port: 443 }] }),
      listening(
        { hostname: 'a.example.com' },
        { name: 'two', hostname: 'b.example.com', port: 443, protocol: 'HTTPS' },
      ),
    ],
    ['b.example.com 203.0.113.7'],
  ],
  [
    'a section that there is not',
    [route({ parents: [{ name: 'web', sectionName: 'two' }] }), gateway()],
    ['a.example.com (Gateway shop/web has no listener that takes it)'],
  ],
  [
    'a listener of another protocol',
    [route(), listening({ protocol: 'TCP' })],
    ['a.example.com (Gateway shop/web has no listener that takes it)'],
  ],
  [
    'a Gateway of another namespace, which lets in its own only',
    [route({ parents: [{ name: 'web', namespace: 'infra' }] }), gateway({ namespace: 'infra' })],
    ['a.example.com (Gateway infra/web has no listener that takes it)'],
  ],
  ...(
    [
      [{ from: 'All' }, true],
      [{ from: 'Same' }, false],
      [{ from: 'None' }, false],
      [{ from: 'Selector', selector: {} }, true],
      [{ from: 'Selector', selector: { matchLabels: { tier: 'public' } } }, true],
      [{ from: 'Selector', selector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } } }, true],
      [{ from: 'Selector', selector: { matchLabels: { tier: 'private' } } }, false],
      [matchExpression('In', ['public', 'other']), true],
      [matchExpression('In', ['private']), false],
      [matchExpression('NotIn', ['private']), true],
      [matchExpression('NotIn', ['public']), false],
      [matchExpression('Exists'), true],
      [matchExpression('DoesNotExist'), false],
      [matchExpression('Gt', ['1']), false],
    ] as [object, boolean][]
  ).map(([namespaces, admitted]): [string, KubeObject[], string[]] => [
    `a Gateway of another namespace that lets in ${JSON.stringify(namespaces)}`,
    [
      route({ parents: [{ name: 'web', namespace: 'infra' }] }),
      gateway({ namespace: 'infra', listeners: [{ allowedRoutes: { namespaces } }] }),
    ],
    admitted ? one : ['a.example.com (Gateway infra/web has no listener that takes it)'],
  ]),
  [
    'a listener for other kinds',
    [route(), listening({ allowedRoutes: { kinds: [{ kind: 'GRPCRoute' }] } })],
    ['a.example.com (Gateway shop/web has no listener that takes it)'],
  ],
  [
    'a listener for this kind among others',
    [route(), listening({ allowedRoutes: { kinds: [{ kind: 'GRPCRoute' }, { group, kind: 'HTTPRoute' }] } })],
    one,
  ],
  [
    'a Gateway that has not looked',
    [route({ accepted: [undefined] }), gateway()],
    ['a.example.com (Gateway shop/web has not said yet whether it takes it as it is now)'],
  ],
  [
    'a Gateway that has not looked since the last change',
    [route({ generation: 1 }), gateway()],
    ['a.example.com (Gateway shop/web has not said yet whether it takes it as it is now)'],
  ],
  [
    'a Gateway that refuses',
    [route({ accepted: ['False'] }), gateway()],
    ['a.example.com (Gateway shop/web does not take it (NotAllowedByListeners))'],
  ],
  [
    'a Gateway that refuses, beside one that does not',
    [
      route({ parents: [{ name: 'web' }, { name: 'other' }], accepted: ['True', 'False'] }),
      gateway(),
      gateway({ name: 'other', addresses: ['203.0.113.8'] }),
    ],
    [...one, '- Gateway shop/other does not take it (NotAllowedByListeners)'],
  ],
  [
    'a host that only a Gateway would take which refuses',
    [
      route({
        hostnames: ['a.example.com', 'b.example.com'],
        parents: [{ name: 'web' }, { name: 'other' }],
        accepted: ['True', 'False'],
      }),
      listening({ hostname: 'a.example.com' }),
      gateway({ name: 'other', listeners: [{ hostname: 'b.example.com' }] }),
    ],
    [
      ...one,
      'b.example.com (Gateway shop/other does not take it (NotAllowedByListeners))',
      '- Gateway shop/other does not take it (NotAllowedByListeners)',
    ],
  ],
  [
    'no host, and a Gateway that refuses beside one that does not',
    [
      route({
        hostnames: [],
        parents: [{ name: 'web' }, { name: 'other' }],
        accepted: ['True', 'False'],
      }),
      listening({ hostname: 'a.example.com' }),
      gateway({ name: 'other', listeners: [{ hostname: 'b.example.com' }] }),
    ],
    [...one, 'unreadable: Gateway shop/other does not take it (NotAllowedByListeners)'],
  ],
  ['no such Gateway', [route()], ['a.example.com (there is no Gateway shop/web)']],
  ['no such Gateway and no host', [route({ hostnames: [] })], ['unreadable: there is no Gateway shop/web']],
  ['no parent', [route({ parents: [] })], ['- it has no Gateway as a parent, so nothing leads to it']],
  [
    'a Service as its parent',
    [route({ parents: [{ group: '', kind: 'Service', name: 'web' }] })],
    ['a.example.com (Service shop/web is no Gateway, and only those are followed)'],
  ],
  [
    'two Gateways',
    [
      route({ parents: [{ name: 'web' }, { name: 'other' }] }),
      gateway(),
      gateway({ name: 'other', addresses: ['203.0.113.8'] }),
    ],
    ['a.example.com 203.0.113.7 203.0.113.8'],
  ],
  [
    'two Gateways, one of which has no address yet',
    [
      route({ parents: [{ name: 'web' }, { name: 'other' }] }),
      gateway(),
      gateway({ name: 'other', addresses: [] }),
    ],
    ['a.example.com (Gateway shop/other is its Gateway, and it has no address yet)'],
  ],
  [
    'two Gateways with names',
    [
      route({ parents: [{ name: 'web' }, { name: 'other' }] }),
      gateway({ addresses: ['b.example.net'] }),
      gateway({ name: 'other', addresses: ['c.example.net'] }),
    ],
    [
      'a.example.com (Gateway shop/web and Gateway shop/other has several host names (b.example.net, c.example.net), and a name can lead to one only)',
    ],
  ],
  [
    'a target on the Gateway',
    [route(), gateway({ annotations: { target: 'lb.example.net' } })],
    ['a.example.com lb.example.net'],
  ],
  [
    'a target of its own, which is not its to say',
    [route({ annotations: { target: '203.0.113.9' } }), gateway()],
    one,
  ],
  [
    'a Gateway within',
    [route(), gateway({ addresses: ['10.0.0.7'] })],
    [
      expect.stringMatching(
        /^a\.example\.com \(Gateway shop\/web is its Gateway, and its status has only 10/,
      ) as unknown as string,
    ],
  ],
  [
    'a Gateway that is left to others',
    [route(), gateway({ annotations: { controller: 'other' } })],
    ['a.example.com (Gateway shop/web is left to the controller "other" of its annotation)'],
  ],
  [
    'a malformed Gateway',
    [route(), listening({ name: 3 })],
    ['a.example.com (Gateway shop/web is malformed)'],
  ],
  [
    'a host that is none',
    [route({ hostnames: ['a_b..com'] }), gateway()],
    ['unreadable: "a_b..com" is not a host name'],
  ],
])('an HTTPRoute with %s', (_, objects, lines) => {
  expect(wished(objects)).toEqual(lines);
});

function matchExpression(operator: string, values?: string[]): object {
  return {
    from: 'Selector',
    selector: { matchExpressions: [{ key: 'tier', operator, ...(values && { values }) }] },
  };
}

test('a route from a file has no status, and counts as taken', () => {
  const { status: _, ...bare } = route();
  const { status: __, ...still } = gateway({ annotations: { target: '203.0.113.7' } });
  expect(wished([bare, still], true)).toEqual(one);
  expect(wished([bare, still])).toEqual([
    'a.example.com (Gateway shop/web has not said yet whether it takes it as it is now)',
  ]);
});

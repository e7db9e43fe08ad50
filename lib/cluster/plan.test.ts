import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KubeObject } from '../kubectl/kubectl.ts';
import { plan } from './plan.ts';
import { count, render } from './render.ts';

const object = (kind: string, name: string, rest: object = {}): KubeObject => ({
  apiVersion: kind === 'Deployment' ? 'apps/v1' : 'v1',
  kind,
  metadata: { name, namespace: 'shop', resourceVersion: String(Math.random()) },
  ...rest,
});

test('what stands as it would stand is no change, whatever the server counts and reports', () => {
  fc.assert(
    fc.property(fc.jsonValue(), spec => {
      const live = { ...object('Deployment', 'ui', { spec }), status: { replicas: 1 } };
      const wanted = object('Deployment', 'ui', { spec: structuredClone(spec) });
      expect(plan({ live: [live], wanted: [wanted], unasked: [] })).toEqual([]);
    }),
  );
});

test('what Argo CD stamps between two looks is no change', () => {
  const stamped = object('ConfigMap', 'c');
  stamped.metadata.annotations = { 'argocd.argoproj.io/tracking-id': 'argocd:/ConfigMap:shop/c' };
  expect(plan({ live: [object('ConfigMap', 'c')], wanted: [stamped], unasked: [] })).toEqual([]);
});

test('creations, changes by field and what cannot be asked yet', () => {
  const changes = plan({
    live: [object('Deployment', 'ui', { spec: { replicas: 1, template: { containers: [{ image: 'a' }] } } })],
    wanted: [
      object('Deployment', 'ui', { spec: { replicas: 2, template: { containers: [{ image: 'b' }] } } }),
      object('ConfigMap', 'settings'),
    ],
    unasked: [object('AppProject', 'staging')],
  });
  expect(count(changes)).toBe('2 to create, 1 to change');
  expect(render(changes)).toEqual([
    '~ Deployment shop/ui',
    '    spec.replicas: 1 → 2',
    '    spec.template.containers.0.image: "a" → "b"',
    '+ ConfigMap shop/settings',
    '+ AppProject shop/staging',
  ]);
});

test('entries of a list that have names are compared by them, and texts of many lines by line', () => {
  const deployment = (names: string[]) =>
    object('Deployment', 'ui', {
      spec: { env: names.map(name => ({ name, value: `of ${name}` })), args: names },
    });
  const settings = (data: string) => object('ConfigMap', 'settings', { data: { text: data } });
  const changes = plan({
    live: [deployment(['B', 'C', 'C']), settings('one\ntwo\nthree\n')],
    wanted: [deployment(['A', 'B', 'C', 'C']), settings('one\n2\nthree\nfour\n')],
    unasked: [],
  });
  expect(render(changes)).toEqual([
    '~ Deployment shop/ui',
    '    spec.env[A]: none → {"name":"A","value":"of A"}',
    '    spec.args.0: "B" → "A"',
    '    spec.args.1: "C" → "B"',
    '    spec.args.3: none → "C"',
    '~ ConfigMap shop/settings',
    '    data.text:',
    '      - two',
    '      + 2',
    '      + four',
  ]);
});

test('a Secret that lacks a value is changed, one that is not there is created, and neither value is shown', () => {
  const secret = (name: string) => object('Secret', name, { data: { key: 'c2VjcmV0' } });
  const seeds = [
    { object: secret('half'), keys: ['key'], live: secret('half') },
    { object: secret('new'), keys: ['key'] },
    { object: secret('brought'), keys: ['key'] },
  ];
  const changes = plan({ live: [], wanted: [secret('brought')], unasked: [] }, seeds);
  expect(render(changes)).toEqual([
    '+ Secret shop/brought',
    '+ Secret shop/new',
    '~ Secret shop/half',
    '    data.key: a new value (hidden)',
  ]);
});

test("a Secret's values are never shown", () => {
  const secret = (value: string, data: object = { password: value }): KubeObject => ({
    ...object('Secret', 'database', { data }),
    // What a `kubectl apply` by hand leaves behind.
    metadata: { name: 'database', namespace: 'shop', annotations: { last: `{"password":"${value}"}` } },
  });
  const changes = plan({
    live: [secret('old-value', { password: 'old-value', host: 'old-value' })],
    wanted: [secret('new-value')],
    unasked: [],
  });
  expect(render(changes)).toEqual([
    '~ Secret shop/database',
    '    data.password: another value (hidden)',
    '    data.host: none any more (hidden)',
    '    metadata.annotations.last: another value (hidden)',
  ]);
});

test('a long difference is cut, and the cut is said', () => {
  const numbers = (from: number) =>
    Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`k${i}`, String(i + from)]));
  const [change] = plan({
    live: [object('ConfigMap', 'c', { data: numbers(0) })],
    wanted: [object('ConfigMap', 'c', { data: numbers(1) })],
    unasked: [],
  });
  expect(change?.fields).toHaveLength(20);
  expect(render(change ? [change] : []).at(-1)).toBe('    and 12 more fields');
});

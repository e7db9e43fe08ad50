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

test("a Secret's values are never shown", () => {
  const secret = (value: string) => object('Secret', 'database', { data: { password: value } });
  const changes = plan({ live: [secret('old-value')], wanted: [secret('new-value')], unasked: [] });
  expect(render(changes)).toEqual(['~ Secret shop/database', '    data.password: another value (hidden)']);
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

import type { KubeObject } from '../../kubectl/kubectl.ts';
import type { Wishes } from '../claims.ts';
import { type SourceName, sources, wishes } from '../sources.ts';
import { parseTargets, type Whereto } from '../target.ts';

export const fallback: Whereto = { targets: parseTargets('203.0.113.1') };
const versions: Record<string, string> = {
  Ingress: 'networking.k8s.io/v1',
  Service: 'v1',
  HTTPRoute: 'gateway.networking.k8s.io/v1',
};

/** One object of the namespace `shop`; annotations without a prefix are external-dns's. */
export const object = (
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
export const wished = (objects: KubeObject[], where = fallback): Wishes =>
  wishes(all, objects, { fallback: where, fromFiles: false });

/** `a.example.com A 203.0.113.1`, with `ttl=`, `proxied=` and, in brackets, why it waits; then the rest, one line each. */
export const brief = ({ claims, unreadable, notes }: Wishes): string[] => [
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

/** An Ingress of `a.example.com`. */
export const ingress = (annotations: object = {}, addresses: object[] = [], spec: object = {}) =>
  object(
    'Ingress',
    { rules: [{ host: 'a.example.com' }], ...spec },
    { annotations, status: { loadBalancer: { ingress: addresses } } },
  );
export const ip = (address: string) => ({ ip: address });
export const hostname = (name: string) => ({ hostname: name });

/** A Kubernetes object of any kind; what lies below spec, status or data is read with `at`. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    generation?: number;
    resourceVersion?: string;
    managedFields?: unknown;
    deletionTimestamp?: string;
    annotations?: Record<string, string>;
    finalizers?: string[];
  };
  [field: string]: unknown;
}

/** What identifies an object, whatever version of its API it is written in. */
export interface Reference {
  group: string;
  kind: string;
  namespace: string;
  name: string;
}

export const groupOf = (apiVersion: string): string =>
  apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';

export const versionOf = (apiVersion: string): string => apiVersion.split('/').at(-1) ?? '';

export const reference = ({ apiVersion, kind, metadata }: KubernetesObject): Reference => ({
  group: groupOf(apiVersion),
  kind,
  namespace: metadata.namespace ?? '',
  name: metadata.name,
});

export const keyOf = ({ group, kind, namespace, name }: Reference): string =>
  `${group}/${kind}/${namespace}/${name}`;

export const key = (object: KubernetesObject): string => keyOf(reference(object));

/** The value at a path of keys and indexes, undefined where the path ends early. */
export function at(value: unknown, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, step) => (inner as Record<string | number, unknown> | null | undefined)?.[step],
    value,
  );
}

/** A value as text that is the same for equal values, whatever the order of their keys. */
export const canonical = (value: unknown): string => JSON.stringify(sorted(value)) ?? '';

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]) => [name, sorted(inner)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
};

export const number = (value: unknown): number => (typeof value === 'number' ? value : 0);

export const annotation = (object: KubernetesObject | undefined, name: string): string | undefined =>
  object?.metadata.annotations?.[name];

/** Whether the comma-separated list in an annotation holds the option (`Delete=false`, `Prune=false`…). */
export const hasOption = (object: KubernetesObject | undefined, name: string, option: string): boolean =>
  (annotation(object, name) ?? '')
    .split(',')
    .map(each => each.trim())
    .includes(option);

export const syncOptions = 'argocd.argoproj.io/sync-options';

export const wave = (object: KubernetesObject): number =>
  Number.parseInt(annotation(object, 'argocd.argoproj.io/sync-wave') ?? '0', 10) || 0;

const trackingId = 'argocd.argoproj.io/tracking-id';

/** Marks an object as an Application's, the way Argo CD 3 does: `app:group/Kind:namespace/name`. */
export function track(object: KubernetesObject, application: string, namespace: string): KubernetesObject {
  const { group, kind, name } = reference(object);
  const id = `${application}:${group}/${kind}:${object.metadata.namespace ?? namespace}/${name}`;
  const annotations = { ...object.metadata.annotations, [trackingId]: id };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/** The Application that an object belongs to. A mark that was copied from another object does not count. */
export function trackedBy(object: KubernetesObject): string | undefined {
  const [application, kind, place] = (annotation(object, trackingId) ?? '').split(':');
  const { group, kind: own, namespace, name } = reference(object);
  const [markedNamespace, markedName] = place?.split('/') ?? [];
  const copied =
    kind !== `${group}/${own}` || markedName !== name || (namespace !== '' && markedNamespace !== namespace);
  return copied ? undefined : application;
}

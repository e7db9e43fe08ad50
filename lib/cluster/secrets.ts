import type { KubeObject, Manifest } from '../kubectl/kubectl.ts';

export interface SecretShape {
  namespace: string;
  name: string;
  labels?: Record<string, string>;
  /** Opaque unless told. */
  type?: string;
  /** In clear. */
  values: Record<string, string>;
}

export const secret = ({ namespace, name, labels, type = 'Opaque', values }: SecretShape): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace, ...(labels && { labels }) },
  // `data` and not `stringData`: the API server does not give the latter back, so it would look changed every time.
  ...{ type, data: encoded(values) },
});

export const encoded = (values: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );

// JSON is YAML.
export const manifest = (object: KubeObject): Manifest => ({ text: JSON.stringify(object), object });

/** The namespaces of these objects that no manifest brings: nothing but a name, labels and the rest are Argo CD's. */
export function namespaces(objects: readonly KubeObject[], manifests: readonly Manifest[]): Manifest[] {
  const brought = new Set(
    manifests.filter(({ object }) => object.kind === 'Namespace').map(({ object }) => object.metadata.name),
  );
  const needed = new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []));
  return [...needed]
    .filter(name => !brought.has(name))
    .map(name => manifest({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
}

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { at, type KubernetesObject } from '../argocd/object.ts';

type Schema = Record<string, unknown>;

interface OpenApi {
  definitions: Record<string, Schema>;
}

/** Where kubeconform looks, relative to the folder: its `-schema-location` after that. */
export const schemaLocation = '{{ .ResourceKind }}-{{ .Group }}-{{ .ResourceAPIVersion }}.json';

/**
 * Writes a JSON Schema for every kind, strict: a field that is not described is an error.
 * @param openApi an API server's `/openapi/v2`, for the kinds that Kubernetes brings
 * @param definitions CustomResourceDefinitions, for the kinds that they define
 */
export async function writeSchemas(
  folder: string,
  openApi: OpenApi,
  definitions: readonly KubernetesObject[],
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const shared = Object.fromEntries(
    Object.entries(openApi.definitions).map(([name, schema]) => [name, strict(schema)]),
  );
  await writeFile(join(folder, 'kubernetes.json'), JSON.stringify({ definitions: shared }));
  // For the group without a name kubeconform takes the version, as both are what stands before the slash.
  const write = ({ group, version, kind }: Kind, schema: Schema) =>
    writeFile(
      join(folder, `${kind.toLowerCase()}-${group || version}-${version}.json`),
      JSON.stringify(schema),
    );

  for (const [name, schema] of Object.entries(openApi.definitions)) {
    for (const kind of (schema['x-kubernetes-group-version-kind'] ?? []) as Kind[])
      await write(kind, { $ref: `kubernetes.json#/definitions/${name}` });
  }
  for (const { spec } of definitions) {
    for (const version of at(spec, 'versions') as { name: string; schema: { openAPIV3Schema: Schema } }[]) {
      const kind = {
        group: at(spec, 'group'),
        version: version.name,
        kind: at(spec, 'names', 'kind'),
      } as Kind;
      const schema = strict(version.schema.openAPIV3Schema);
      // Every object has the same metadata, whatever its definition leaves out.
      const metadata = {
        $ref: 'kubernetes.json#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta',
      };
      await write(kind, { ...schema, properties: { ...(schema.properties as Schema), metadata } });
    }
  }
}

interface Kind {
  group: string;
  version: string;
  kind: string;
}

/** What OpenAPI says in its own way, said in JSON Schema's. */
function strict(schema: unknown): Schema {
  if (Array.isArray(schema)) return schema.map(strict) as unknown as Schema;
  if (typeof schema !== 'object' || schema === null) return schema as unknown as Schema;
  const { format, description: _, ...rest } = schema as Schema;
  if (format === 'int-or-string' || rest['x-kubernetes-int-or-string']) return {};
  const inner = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, within(key, value)]));
  const closed =
    inner.properties && !('additionalProperties' in inner) && !inner['x-kubernetes-preserve-unknown-fields'];
  if (closed) inner.additionalProperties = false;
  if (inner.nullable && typeof inner.type === 'string') inner.type = [inner.type, 'null'];
  return inner;
}

/** `properties` and `definitions` hold schemas by name, which may be any word. */
function within(key: string, value: unknown): unknown {
  if (key === 'properties')
    return Object.fromEntries(Object.entries(value as Schema).map(([name, each]) => [name, strict(each)]));
  if (['items', 'additionalProperties', 'allOf', 'anyOf', 'oneOf', 'not'].includes(key)) return strict(value);
  if (key === '$ref') return String(value).replace('#/', 'kubernetes.json#/');
  return value;
}

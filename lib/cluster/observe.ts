import { identity, type Kubectl, type KubeObject, type Manifest } from '../kubectl/kubectl.ts';

/** What is in the cluster of some manifests, and what the API server would make of them. */
export interface Observed {
  /** The objects that are there. */
  live: KubeObject[];
  /** The same and more, as they would be after an apply: defaults filled in, other managers' fields kept. */
  wanted: KubeObject[];
  /** What cannot be asked yet, as its namespace or its CustomResourceDefinition is among what is missing. */
  unasked: KubeObject[];
}

export async function observe(cluster: Kubectl, manifests: readonly Manifest[]): Promise<Observed> {
  const foundations = manifests.filter(isFoundation);
  const standing = (await cluster.live(foundations)).filter(({ metadata }) => !metadata.deletionTimestamp);
  const known = new Set(standing.map(identity));
  const missing = foundations.filter(({ object }) => !known.has(identity(object)));
  const can = missing.length === 0 ? () => true : askable(missing.map(({ object }) => object));
  const asked = manifests.filter(can);
  const [live, wanted] = await Promise.all([
    cluster.live(asked.filter(each => !isFoundation(each))),
    cluster.apply(asked, { dryRun: true }),
  ]);
  const unasked = manifests.filter(each => !can(each)).map(({ object }) => object);
  return { live: [...standing, ...live], wanted, unasked };
}

/** What other objects stand on: they come first. */
export const isFoundation = ({ object: { kind } }: Manifest): boolean =>
  kind === 'Namespace' || kind === 'CustomResourceDefinition';

function askable(missing: KubeObject[]): (manifest: Manifest) => boolean {
  const namespaces = new Set(
    missing.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name),
  );
  const kinds = new Set(missing.map(definedKind));
  return ({ object }) =>
    !namespaces.has(object.metadata.namespace ?? '') &&
    !kinds.has(groupKind(object.apiVersion.split('/')[0] ?? '', object.kind)) &&
    !missing.includes(object);
}

const groupKind = (group: string, kind: string): string => `${group}/${kind}`;

function definedKind({ spec }: KubeObject): string | undefined {
  const { group, names } = (spec ?? {}) as { group?: string; names?: { kind?: string } };
  return group && names?.kind && groupKind(group, names.kind);
}

import { identity, type KubeObject } from '../kubectl/kubectl.ts';
import { differences, type Field } from './difference.ts';
import type { Observed } from './observe.ts';
import type { Sown } from './seeds.ts';

export interface Change {
  action: 'create' | 'change';
  object: KubeObject;
  /** What changes inside it; empty for a creation. */
  fields: Field[];
}

/**
 * What an apply would do. Nothing is ever deleted.
 * @param seeds the Secrets that are made first because they, or values in them, are not there
 */
export function plan({ live, wanted, unasked }: Observed, seeds: readonly Sown[] = []): Change[] {
  const before = new Map(live.map(each => [identity(each), each]));
  const changes = wanted.flatMap((object): Change[] => {
    const old = before.get(identity(object));
    if (!old) return [{ action: 'create', object, fields: [] }];
    const fields = differences(meaningful(old), meaningful(object));
    return fields.length > 0 ? [{ action: 'change', object, fields }] : [];
  });
  const known = new Set([...wanted, ...unasked].map(identity));
  const created = [
    ...unasked,
    ...seeds.filter(({ object, live }) => !live && !known.has(identity(object))).map(({ object }) => object),
  ];
  const completed = seeds.filter(({ live }) => live);
  return [
    ...changes,
    ...created.map((object): Change => ({ action: 'create', object, fields: [] })),
    ...completed.map(
      ({ object, keys }): Change => ({
        action: 'change',
        object,
        fields: keys.map(key => ({ path: `data.${key}`, before: undefined, after: 'made' })),
      }),
    ),
  ];
}

/**
 * What the API server itself counts and stamps says nothing about a difference. Argo CD's stamp neither: it may come
 * between the two looks that are compared.
 */
function meaningful(object: KubeObject): unknown {
  const { status: _, metadata, ...rest } = object;
  const { resourceVersion: _r, generation: _g, creationTimestamp: _c, uid: _u, ...named } = metadata;
  const { 'argocd.argoproj.io/tracking-id': _t, ...annotations } = named.annotations ?? {};
  return { ...rest, metadata: { ...named, annotations } };
}

import { ApiError, type Cluster, type Kind, pathOf } from './cluster.ts';
import { canonical, type KubernetesObject, key, trackedBy } from './object.ts';

export interface Differ {
  /**
   * Whether applying a target would change nothing.
   * @throws ApiError when the API server refuses the change
   */
  agree(target: KubernetesObject, live: KubernetesObject, kind: Kind): Promise<boolean>;
  /** Remembers what came of applying a target: with that it agrees. */
  applied(target: KubernetesObject, result: KubernetesObject): void;
}

/**
 * Compares by the API server's own dry run, as Argo CD's server-side diff does. An answer is remembered until either side
 * changes in something other than its status.
 */
export function differ(cluster: Cluster): Differ {
  const known = new Map<string, { sides: string; agree: boolean }>();
  const sidesOf = (target: KubernetesObject, live: KubernetesObject) => text(target) + text(live);

  return {
    async agree(target, live, kind) {
      // What another brought, or somebody by hand, gets our mark at least.
      if (trackedBy(target) !== trackedBy(live)) return false;
      const sides = sidesOf(target, live);
      const before = known.get(key(live));
      if (before?.sides === sides) return before.agree;
      const { namespace, name } = live.metadata;
      const path = pathOf(kind, namespace, name);
      const result = await cluster.apply(path, target, true).catch((error: unknown) => {
        if (!(error instanceof ApiError)) throw error;
        throw new ApiError(error.status, `${live.kind} ${name}: ${error.message}`);
      });
      const agree = text(result) === text(live);
      known.set(key(live), { sides, agree });
      return agree;
    },
    applied(target, result) {
      known.set(key(result), { sides: sidesOf(target, result), agree: true });
    },
  };
}

const texts = new WeakMap<KubernetesObject, string>();

/** An object without what the API server and controllers keep in it, to be compared. */
function text(object: KubernetesObject): string {
  const before = texts.get(object);
  if (before !== undefined) return before;
  const { status, metadata, ...rest } = object;
  const { resourceVersion, generation, managedFields, ...kept } = metadata;
  const essence = canonical({ ...rest, metadata: kept });
  texts.set(object, essence);
  return essence;
}

import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, type Cluster, type Kind, pathOf } from './cluster.ts';
import { type KubernetesObject, key } from './object.ts';

export interface Live {
  /** Follows a kind from now on; resolves when what exists of it is known. */
  follow(kind: Kind): Promise<void>;
  get(key: string): KubernetesObject | undefined;
  all(): Iterable<KubernetesObject>;
  /** Takes over what a write of our own returned, before the watch tells. */
  store(object: KubernetesObject): void;
}

/**
 * What the cluster holds of the kinds that are followed, kept up to date by watches.
 * @param onChange called for every change with the object and what it was before
 */
export function live(
  cluster: Cluster,
  signal: AbortSignal,
  onChange: (object: KubernetesObject, before: KubernetesObject | undefined) => void,
): Live {
  const objects = new Map<string, KubernetesObject>();
  const followed = new Map<string, Promise<void>>();

  function store(object: KubernetesObject): void {
    const before = objects.get(key(object));
    // Resource versions of one API server over one etcd are its revisions: the greater is the newer.
    if (before && Number(before.metadata.resourceVersion) >= Number(object.metadata.resourceVersion)) return;
    objects.set(key(object), object);
    onChange(object, before);
  }

  function remove(object: KubernetesObject): void {
    if (objects.delete(key(object))) onChange(object, object);
  }

  /** @returns the version from which to watch */
  async function list(path: string): Promise<string> {
    const found = await cluster.get<List>(path);
    const { apiVersion, kind } = found;
    const items = found.items.map(item => ({ ...item, apiVersion, kind: kind.replace(/List$/, '') }));
    const names = new Set(items.map(key));
    const gone = [...objects.values()].filter(
      object => object.apiVersion === apiVersion && `${object.kind}List` === kind && !names.has(key(object)),
    );
    gone.forEach(remove);
    items.forEach(store);
    return found.metadata.resourceVersion;
  }

  async function watch(path: string, version: string): Promise<void> {
    const query = `watch=1&resourceVersion=${version}&timeoutSeconds=300`;
    await cluster.watch(
      `${path}?${query}`,
      ({ type, object }) => {
        if (type === 'ADDED' || type === 'MODIFIED') store(object);
        if (type === 'DELETED') remove(object);
      },
      signal,
    );
  }

  async function keepFollowing(path: string, listed: () => void): Promise<void> {
    while (!signal.aborted) {
      try {
        const version = await list(path);
        listed();
        await watch(path, version);
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) {
          // The kind's definition has been deleted, and all objects of the kind with it.
          followed.delete(path);
          listed();
          return;
        }
        await sleep(500, undefined, { signal }).catch(() => {});
      }
    }
  }

  return {
    follow(kind) {
      const path = pathOf(kind);
      const known = followed.get(path) ?? new Promise<void>(listed => void keepFollowing(path, listed));
      followed.set(path, known);
      return known;
    },
    get: name => objects.get(name),
    all: () => objects.values(),
    store,
  };
}

interface List {
  apiVersion: string;
  kind: string;
  metadata: { resourceVersion: string };
  items: KubernetesObject[];
}

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
  /** The versions at which objects went: what a write of our own returned before may arrive after that. */
  const gone = new Map<string, number>();
  const followed = new Map<string, Promise<void>>();

  function store(object: KubernetesObject): void {
    const name = key(object);
    const before = objects.get(name);
    if (version(object) <= Math.max(version(before), gone.get(name) ?? 0)) return;
    objects.set(name, object);
    onChange(object, before);
  }

  function remove(name: string, when: number): void {
    const object = objects.get(name);
    gone.set(name, when);
    if (objects.delete(name) && object) onChange(object, object);
  }

  /** @returns the objects' keys, and the version from which to watch */
  async function list(path: string): Promise<{ names: Set<string>; from: string }> {
    const { apiVersion, kind, items, metadata } = await cluster.get<List>(path);
    const found = items.map(item => ({ ...item, apiVersion, kind: kind.replace(/List$/, '') }));
    found.forEach(store);
    return { names: new Set(found.map(key)), from: metadata.resourceVersion };
  }

  async function watch(path: string, from: string, names: Set<string>): Promise<void> {
    const query = `watch=1&resourceVersion=${from}&timeoutSeconds=300`;
    await cluster.watch(
      `${path}?${query}`,
      ({ type, object }) => {
        if (type === 'DELETED') remove(key(object), version(object));
        if (type !== 'ADDED' && type !== 'MODIFIED') return;
        names.add(key(object));
        store(object);
      },
      signal,
    );
  }

  async function keepFollowing(path: string, listed: () => void): Promise<void> {
    let known = new Set<string>();
    while (!signal.aborted) {
      try {
        const { names, from } = await list(path);
        for (const name of known) if (!names.has(name)) remove(name, Number(from));
        known = names;
        listed();
        await watch(path, from, known);
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) {
          // The kind's definition has been deleted, and all objects of the kind with it.
          followed.delete(path);
          for (const name of known) remove(name, 0);
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

/** Resource versions of one API server over one etcd are its revisions: the greater is the newer. */
const version = (object: KubernetesObject | undefined): number =>
  Number(object?.metadata.resourceVersion ?? 0);

interface List {
  apiVersion: string;
  kind: string;
  metadata: { resourceVersion: string };
  items: KubernetesObject[];
}

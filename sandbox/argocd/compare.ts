import type { Application, ResourceStatus, SyncCode } from './application.ts';
import type { Cluster, Kind } from './cluster.ts';
import type { Differ } from './differ.ts';
import { type HealthCode, healthOf, isMissed, worse } from './health.ts';
import { isHook } from './hooks.ts';
import type { Live } from './live.ts';
import {
  annotation,
  type KubernetesObject,
  key,
  keyOf,
  reference,
  track,
  trackedBy,
  versionOf,
  wave,
} from './object.ts';
import { notPermitted, type Project } from './project.ts';

/** One object: as git wants it, as the cluster has it, or both. */
export interface Item {
  target?: KubernetesObject;
  live?: KubernetesObject;
  /** Undefined while the API server does not know the kind. */
  kind?: Kind;
  inSync: boolean;
}

export interface Comparison {
  items: Item[];
  sync: SyncCode;
  health: HealthCode;
  resources: ResourceStatus[];
}

/**
 * Lays what a source describes beside what the cluster holds.
 * @param targets undefined when the source could not be loaded: then nothing can be said of what is there
 * @throws ApiError when the API server refuses the dry run of a change to an object that exists
 */
export async function compare(
  cluster: Cluster,
  live: Live,
  application: Application,
  project: Project,
  targets: KubernetesObject[] | undefined,
  differ: Differ,
): Promise<Comparison> {
  const items = await pair(cluster, live, application, project, targets ?? []);
  await Promise.all(
    items.map(async item => {
      const { target, live, kind } = item;
      if (target && live && kind) item.inSync = await differ.agree(target, live, kind);
    }),
  );
  const loaded = targets !== undefined;
  const extraneous = ({ target, live }: Item) =>
    !target && (annotation(live, 'argocd.argoproj.io/compare-options') ?? '').includes('IgnoreExtraneous');
  const outOfSync = items.some(item => !item.inSync && !extraneous(item));
  return {
    items,
    sync: !loaded ? 'Unknown' : outOfSync ? 'OutOfSync' : 'Synced',
    health: items.reduce<HealthCode>((worst, item) => worse(worst, share(application, item)), 'Healthy'),
    resources: items.map(item => describe(item, loaded)).sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1)),
  };
}

async function pair(
  cluster: Cluster,
  live: Live,
  application: Application,
  project: Project,
  targets: KubernetesObject[],
): Promise<Item[]> {
  const { namespace = '' } = application.spec.destination;
  const { name } = application.metadata;
  const items = new Map<string, Item>();
  for (const object of targets) {
    if (isHook(object)) continue;
    const kind = await cluster.kind(object.apiVersion, object.kind);
    if (kind) await live.follow(kind);
    const target = placed(object, name, namespace, kind?.namespaced ?? true);
    const found = live.get(key(target));
    items.set(key(target), {
      target,
      ...(found ? { live: found } : {}),
      ...(kind ? { kind } : {}),
      inSync: false,
    });
  }
  // What an earlier revision brought is of a kind that may not be in this one.
  for (const { group = '', version, kind: name } of application.status?.resources ?? []) {
    const kind = await cluster.kind(group ? `${group}/${version}` : version, name);
    if (kind) await live.follow(kind);
  }
  for (const object of ownedBy(live, application, project)) {
    const kind = await cluster.kind(object.apiVersion, object.kind);
    if (kind && !isHook(object) && !items.has(key(object)))
      items.set(key(object), { live: object, kind, inSync: false });
  }
  return [...items.values()];
}

/** The live objects that carry the Application's mark and that its project allows. */
export const ownedBy = (live: Live, { metadata }: Application, project: Project): KubernetesObject[] =>
  [...live.all()].filter(object => {
    if (trackedBy(object) !== metadata.name) return false;
    const { namespace, ...rest } = reference(object);
    return notPermitted(project, { namespace, ...rest }, namespace !== '') === undefined;
  });

// Rendered objects are large and looked at often: what is derived from one is kept as long as it is.
const placements = new WeakMap<KubernetesObject, KubernetesObject>();

/** A rendered object as it is applied: in its namespace, with the Application's mark. */
export function placed(
  object: KubernetesObject,
  application: string,
  namespace: string,
  namespaced: boolean,
): KubernetesObject {
  const { namespace: own, ...metadata } = object.metadata;
  const place = namespaced ? (own ?? namespace) : undefined;
  const before = placements.get(object);
  if (before && trackedBy(before) === application && before.metadata.namespace === place) return before;
  const there = { ...object, metadata: { ...metadata, ...(place !== undefined && { namespace: place }) } };
  const target = track(there, application, namespace);
  placements.set(object, target);
  return target;
}

/** What an object adds to its Application's health. The Application itself, and children that say nothing yet, add nothing. */
function share(application: Application, { target, live }: Item): HealthCode {
  const object = live ?? target;
  if (!object || (target && !live && !isMissed(target))) return 'Healthy';
  const isChild = object.kind === 'Application' && object.apiVersion.startsWith('argoproj.io/');
  if (isChild && key(object) === key(application)) return 'Healthy';
  const status = live ? (healthOf(live)?.status ?? 'Healthy') : 'Missing';
  return isChild && (status === 'Missing' || status === 'Unknown') ? 'Healthy' : status;
}

function describe({ target, live, inSync }: Item, loaded: boolean): ResourceStatus {
  const object = (live ?? target) as KubernetesObject;
  const { group, kind, namespace, name } = reference(object);
  const health = live ? healthOf(live) : { status: 'Missing' as const };
  return {
    ...(group ? { group } : {}),
    version: versionOf(object.apiVersion),
    kind,
    ...(namespace ? { namespace } : {}),
    name,
    status: !loaded ? 'Unknown' : inSync ? 'Synced' : 'OutOfSync',
    ...(health ? { health } : {}),
    ...(target ? {} : { requiresPruning: true }),
    ...(target && wave(target) !== 0 ? { syncWave: wave(target) } : {}),
  };
}

const sortKey = ({ group = '', kind, namespace = '', name }: ResourceStatus): string =>
  keyOf({ group, kind, namespace, name });

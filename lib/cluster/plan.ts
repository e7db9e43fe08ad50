import { identity, type KubeObject } from '../kubectl/kubectl.ts';
import type { Observed } from './observe.ts';

export interface Change {
  action: 'create' | 'change';
  object: KubeObject;
  /** What changes inside it; empty for a creation. */
  fields: Field[];
}

export interface Field {
  /** `spec.template.spec.containers.0.image` */
  path: string;
  before: unknown;
  after: unknown;
}

/**
 * What an apply would do. Nothing is ever deleted.
 * @param seeds the Secrets that are made first because they are not there
 */
export function plan({ live, wanted, unasked }: Observed, seeds: readonly KubeObject[] = []): Change[] {
  const before = new Map(live.map(each => [identity(each), each]));
  const changes = wanted.flatMap((object): Change[] => {
    const old = before.get(identity(object));
    if (!old) return [{ action: 'create', object, fields: [] }];
    const fields = differences(meaningful(old), meaningful(object));
    return fields.length > 0 ? [{ action: 'change', object, fields }] : [];
  });
  const known = new Set([...wanted, ...unasked].map(identity));
  const more = [...unasked, ...seeds.filter(each => !known.has(identity(each)))];
  return [...changes, ...more.map((object): Change => ({ action: 'create', object, fields: [] }))];
}

/** What the API server itself counts and stamps says nothing about a difference. */
function meaningful(object: KubeObject): unknown {
  const { status: _, metadata, ...rest } = object;
  const { resourceVersion: _r, generation: _g, creationTimestamp: _c, uid: _u, ...named } = metadata;
  return { ...rest, metadata: named };
}

function differences(before: unknown, after: unknown, path = ''): Field[] {
  if (Object.is(before, after)) return [];
  if (!isContainer(before) || !isContainer(after) || Array.isArray(before) !== Array.isArray(after))
    return [{ path, before, after }];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap(key => differences(before[key], after[key], path ? `${path}.${key}` : key));
}

const isContainer = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

import type { ChangeFile } from './model.ts';

/** One side of an attribute. `absent` is null too: Terraform makes no difference. */
export type Side =
  | { kind: 'absent' }
  | { kind: 'unknown' }
  | { kind: 'sensitive' }
  | { kind: 'value'; value: unknown };

export interface Difference {
  /** `labels.environment`, `ip_filter[0]`, `tags["a b"]` */
  path: string;
  before: Side;
  after: Side;
  forcesReplacement: boolean;
}

type Key = string | number;

/** The attributes in which before and after differ, one by one: who wants the first ten pays for ten. */
export function* differences(change: ChangeFile): Generator<Difference> {
  const forcing = (change.replace_paths ?? []).map(path => path.map(String));
  yield* walk([], {
    before: change.before ?? undefined,
    after: change.after ?? undefined,
    beforeSensitive: change.before_sensitive,
    afterSensitive: change.after_sensitive,
    unknown: change.after_unknown,
    forcing,
  });
}

interface Sides {
  before: unknown;
  after: unknown;
  beforeSensitive: unknown;
  afterSensitive: unknown;
  unknown: unknown;
  /** Those of the paths that force a replacement on which this attribute lies. */
  forcing: string[][];
}

function* walk(path: Key[], sides: Sides): Generator<Difference> {
  const { before, after, beforeSensitive, afterSensitive, unknown, forcing } = sides;
  const hidden = beforeSensitive === true || afterSensitive === true;
  const whole =
    hidden || unknown === true || !(isContainer(before) || isContainer(after) || isContainer(unknown));
  if (whole) {
    if (unknown !== true && same(before, after)) return;
    yield {
      path: name(path),
      before: side(before, hidden),
      after: unknown === true ? { kind: 'unknown' } : side(after, hidden),
      forcesReplacement: forcing.some(each => each.length <= path.length),
    };
    return;
  }
  // One side may be a plain value where the other has parts.
  if (!isContainer(before) && before != null) {
    yield {
      path: name(path),
      before: side(before, false),
      after: { kind: 'absent' },
      forcesReplacement: forcing.length > 0,
    };
  }
  if (!isContainer(after) && after != null) {
    yield {
      path: name(path),
      before: { kind: 'absent' },
      after: side(after, false),
      forcesReplacement: forcing.length > 0,
    };
  }
  for (const key of keysOf(before, after, unknown)) {
    const text = String(key);
    yield* walk([...path, key], {
      before: part(before, key),
      after: part(after, key),
      beforeSensitive: part(beforeSensitive, key),
      afterSensitive: part(afterSensitive, key),
      unknown: part(unknown, key),
      forcing: forcing.filter(each => each.length <= path.length || each[path.length] === text),
    });
  }
}

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null;

const side = (value: unknown, hidden: boolean): Side =>
  value === undefined || value === null
    ? { kind: 'absent' }
    : hidden
      ? { kind: 'sensitive' }
      : { kind: 'value', value };

/** The keys of all three, lists by their indexes; those that exist only afterwards come last. */
function keysOf(...values: unknown[]): Key[] {
  const containers = values.filter(isContainer);
  if (containers.some(Array.isArray)) {
    const length = Math.max(...containers.map(each => (Array.isArray(each) ? each.length : 0)));
    return Array.from({ length }, (_, index) => index);
  }
  return [...new Set(containers.flatMap(Object.keys))];
}

const part = (value: unknown, key: Key): unknown =>
  isContainer(value) ? (value as Record<Key, unknown>)[key] : undefined;

/** Of values without unknown parts. */
function same(before: unknown, after: unknown): boolean {
  if (before === after || (before == null && after == null)) return true;
  if (!isContainer(before) || !isContainer(after) || Array.isArray(before) !== Array.isArray(after))
    return false;
  return keysOf(before, after).every(key => same(part(before, key), part(after, key)));
}

const name = (path: Key[]): string =>
  path
    .map((key, index) =>
      typeof key === 'number'
        ? `[${key}]`
        : /^[\p{L}_][\p{L}\p{N}_-]*$/u.test(key)
          ? `${index > 0 ? '.' : ''}${key}`
          : `[${JSON.stringify(key)}]`,
    )
    .join('');

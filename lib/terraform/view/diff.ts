import type { ChangeFile } from '../model.ts';
import { pairs } from './lists.ts';
import { inLine, isContainer, isMarked, isShortList, type Key, keysOf, part, same, step } from './values.ts';

/** One side of an attribute. `absent` is null too: Terraform makes no difference. */
export type Side =
  | { kind: 'absent' }
  | { kind: 'unknown' }
  | { kind: 'sensitive' }
  | { kind: 'value'; value: unknown };

export interface Difference {
  /** `labels.environment`, `ip_filter[0]`, `tags["a b"]`, and `rules[1→2].port` of an element that has moved in its list. */
  path: string;
  keys: readonly Key[];
  before: Side;
  after: Side;
  forcesReplacement: boolean;
}

/** The attributes in which before and after differ, one by one, in the order in which Terraform lists them. */
export function differences(change: ChangeFile): Difference[] {
  const found: Difference[] = [];
  walk(found, '', [], {
    before: change.before ?? undefined,
    after: change.after ?? undefined,
    beforeSensitive: change.before_sensitive,
    afterSensitive: change.after_sensitive,
    unknown: change.after_unknown,
    forcing: change.replace_paths ?? none,
  });
  return found;
}

/** The same of two values that have no marks: what two texts of JSON or YAML hold. */
export function valueDifferences(before: unknown, after: unknown): Difference[] {
  return differences({ actions: [], before, after });
}

const none: never[] = [];

interface Sides {
  before: unknown;
  after: unknown;
  beforeSensitive: unknown;
  afterSensitive: unknown;
  unknown: unknown;
  /** Those of the paths that force a replacement on which this attribute lies. */
  forcing: readonly (readonly Key[])[];
}

function walk(found: Difference[], path: string, keys: readonly Key[], sides: Sides): void {
  const { before, after, beforeSensitive, afterSensitive, unknown, forcing } = sides;
  const whole = atOnce(sides);
  if (whole) {
    const [before, after] = whole;
    if (unknown === true || !same(sides.before, sides.after))
      found.push({ path, keys, before, after, forcesReplacement: forcing.length > 0 });
    return;
  }
  // A plain value, a list and a map have no parts in common.
  if (before !== undefined && after !== undefined && kindOf(before) !== kindOf(after)) {
    walk(found, path, keys, { ...sides, after: undefined, unknown: undefined });
    walk(found, path, keys, { ...sides, before: undefined });
    return;
  }
  const below = (old: Key | undefined, now: Key | undefined) => {
    const key = now ?? old ?? '';
    walk(
      found,
      old === undefined || now === undefined || old === now ? step(path, key) : `${path}[${old}→${now}]`,
      [...keys, key],
      {
        before: part(before, old),
        after: part(after, now),
        beforeSensitive: part(beforeSensitive, old),
        afterSensitive: part(afterSensitive, now),
        unknown: part(unknown, now),
        forcing: forcing.length === 0 ? none : forcing.filter(each => leads(each, keys.length, key)),
      },
    );
  };
  if (Array.isArray(before) || Array.isArray(after) || Array.isArray(unknown))
    for (const [old, now] of pairs(list(before), list(after), list(unknown))) below(old, now);
  else for (const key of keysOf(before, after, unknown)) below(key, key);
}

/** The two sides of what has no parts, or is not to be taken apart. */
function atOnce({
  before,
  after,
  beforeSensitive,
  afterSensitive,
  unknown,
}: Sides): [Side, Side] | undefined {
  const hidden = beforeSensitive === true || afterSensitive === true;
  if (unknown === true) return [side(before, hidden), { kind: 'unknown' }];
  const isPlain = !isContainer(before) && !isContainer(after) && !isContainer(unknown);
  const isShort =
    (before === undefined ? isShortList(after) : after === undefined && isShortList(before)) &&
    ![beforeSensitive, afterSensitive, unknown].some(isMarked);
  return hidden || isPlain || isShort ? [side(before, hidden), side(after, hidden)] : undefined;
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

const kindOf = (value: unknown): string => (Array.isArray(value) ? 'list' : typeof value);

const leads = (path: readonly Key[], depth: number, key: Key): boolean =>
  path.length <= depth || inLine(path[depth]) === String(key);

const side = (value: unknown, hidden: boolean): Side =>
  value === undefined || value === null
    ? { kind: 'absent' }
    : hidden
      ? { kind: 'sensitive' }
      : { kind: 'value', value };

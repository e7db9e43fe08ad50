import type { ChangeFile } from './model.ts';

/*
 * What a change means, apart from how it is written: a text that is the same for two plans exactly when both would do the
 * same. The order of keys, marks that mark nothing and keys that this version does not know make no difference.
 */

/** What was known after the apply only, as `after_unknown` has it; lists by their indices. */
export type Unknown = 1 | { [key: string]: Unknown };

const hidden: unique symbol = Symbol('sensitive');

export type Value = string | number | bigint | boolean | null | Value[] | Values;
type Values = { [key: string]: Value; [hidden]?: Value };

/** Stands for what is known after the apply; told by its identity. */
const notYet: Values = {};

/** The parts of `after` that are not known yet; undefined when all is known. */
export function unknownOf(marks: unknown): Unknown | undefined {
  if (marks === true) return 1;
  if (!marks || typeof marks !== 'object') return undefined;
  const found = Object.entries(marks)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, below]): [string, Unknown][] => {
      const part = unknownOf(below);
      return part === undefined ? [] : [[key, part]];
    });
  return found.length > 0 ? Object.fromEntries(found) : undefined;
}

/**
 * @param inPlace an update says what it changes and nothing else: what else a resource has may have changed by itself
 * @param shownAs what was not known when the change was shown: whatever it has become since, it was agreed to
 */
export function meaning(change: ChangeFile, inPlace: boolean, shownAs?: Unknown): string {
  const before = treeOf(change.before, undefined, change.before_sensitive);
  const after = masked(treeOf(change.after, change.after_unknown, change.after_sensitive), shownAs);
  return canonical(inPlace ? difference(before, after) : [before, after]);
}

/** A value with its marks in it. */
function treeOf(value: unknown, unknowns: unknown, marks: unknown): Value {
  if (unknowns === true) return notYet;
  if (marks === true) return { [hidden]: treeOf(value, unknowns, undefined) };
  if (Array.isArray(value)) {
    const length = Math.max(value.length, Array.isArray(unknowns) ? unknowns.length : 0);
    return Array.from({ length }, (_, index) => treeOf(value[index], at(unknowns, index), at(marks, index)));
  }
  if (typeof value === 'object' && value !== null) {
    const keys = new Set([
      ...Object.keys(value),
      ...Object.keys((unknownOf(unknowns) as object | undefined) ?? {}),
    ]);
    return Object.fromEntries(
      [...keys].map(key => [key, treeOf(at(value, key), at(unknowns, key), at(marks, key))]),
    );
  }
  return (value ?? null) as Value;
}

/** A key of a map can be anything, `constructor` too. */
const at = (tree: unknown, key: string | number): unknown =>
  typeof tree === 'object' && tree !== null && Object.hasOwn(tree, key)
    ? (tree as Record<string | number, unknown>)[key]
    : undefined;

const part = (values: Values, key: string): Value => (at(values, key) ?? null) as Value;

/** The value as it was shown, when this much of it was not known. */
function masked(value: Value, shownAs: Unknown | undefined): Value {
  if (shownAs === undefined) return value;
  if (shownAs === 1) return notYet;
  if (typeof value !== 'object' || value === null || value === notYet) return value;
  if (Array.isArray(value)) return value.map((each, index) => masked(each, at(shownAs, index) as Unknown));
  if (value[hidden] !== undefined) return { [hidden]: masked(value[hidden], shownAs) };
  const keys = new Set([...Object.keys(value), ...Object.keys(shownAs)]);
  return Object.fromEntries(
    [...keys].map(key => [key, masked(part(value, key), at(shownAs, key) as Unknown)]),
  );
}

/** Pairs of before and after where these differ; objects are gone through, all else is one value. */
function difference(before: Value, after: Value): Value {
  if (!isPlain(before) || !isPlain(after)) return [before, after];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return Object.fromEntries(
    [...keys].flatMap(key => {
      const [old, now] = [part(before, key), part(after, key)];
      return canonical(old) === canonical(now) ? [] : [[key, difference(old, now)]];
    }),
  );
}

const isPlain = (value: Value): value is Values =>
  typeof value === 'object' &&
  value !== null &&
  value !== notYet &&
  !Array.isArray(value) &&
  value[hidden] === undefined;

/** The same text for the same value: JSON with sorted keys. `?` and `!` begin no JSON, so marks are no values. */
export function canonical(value: Value): string {
  if (value === notYet) return '?';
  // A number beyond what a number can hold is Infinity, and null in JSON.
  if (typeof value === 'bigint' || typeof value === 'number') return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value[hidden] !== undefined) return `!${canonical(value[hidden])}`;
  const keys = Object.keys(value).sort();
  return `{${keys.map(key => `${JSON.stringify(key)}:${canonical(part(value, key))}`).join(',')}}`;
}

import { canonical, type Value } from '../meaning.ts';

/** A step into a value: the key of a map, or the index in a list. */
export type Key = string | number;

export const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** What a list or map has there; null is nothing. A key of a map can be anything, `constructor` and `toString` too. */
export const part = (value: unknown, key: Key | undefined): unknown =>
  isContainer(value) && key !== undefined && Object.hasOwn(value, key)
    ? ((value as Record<Key, unknown>)[key] ?? undefined)
    : undefined;

/** The keys of maps; those that only a later one has come last. */
export function keysOf(...values: unknown[]): string[] {
  const [first = {}, ...others] = values.filter(isContainer);
  const keys = Object.keys(first);
  const more = new Set<string>();
  for (const other of others)
    for (const key of Object.keys(other)) if (!Object.hasOwn(first, key)) more.add(key);
  return more.size === 0 ? keys : [...keys, ...more];
}

/** Whether two values are equal; null is the same as nothing. */
export function same(before: unknown, after: unknown): boolean {
  if (before === after || (before == null && after == null)) return true;
  if (!isContainer(before) || !isContainer(after)) return false;
  if (Array.isArray(before) || Array.isArray(after)) {
    if (!Array.isArray(before) || !Array.isArray(after) || before.length !== after.length) return false;
    return before.every((each, index) => same(each, after[index]));
  }
  for (const key in before) if (!same(part(before, key), part(after, key))) return false;
  for (const key in after)
    if (part(before, key) === undefined && part(after, key) !== undefined) return false;
  return true;
}

/** Whether anything is marked in what a plan says beside a value: `true`, or a map or list like the value with one in it. */
export const isMarked = (marks: unknown): boolean =>
  marks === true || (isContainer(marks) && Object.values(marks).some(isMarked));

/** A list of a few plain values, which reads best in one line. */
export const isShortList = (value: unknown): value is unknown[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.length <= 6 &&
  value.every(each => !isContainer(each) && String(each).length <= 24 && !String(each).includes('\n'));

/** A value of a plan in one line: a text as it is, all else as JSON. */
export const inLine = (value: unknown): string =>
  typeof value === 'string' ? value : canonical((value ?? null) as Value);

/**
 * A key as it is written behind what it is a part of: `.name`, `["a name"]`, `[0]`. An element of a set, which has no key,
 * stands for itself.
 */
export function step(path: string, key: unknown): string {
  if (typeof key !== 'string') return `${path}[${inLine(key)}]`;
  if (!/^[\p{L}_][\p{L}\p{N}_-]*$/u.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

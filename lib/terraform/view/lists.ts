import { diffArrays } from 'diff';
import { isContainer, isMarked, part, same } from './values.ts';

/** An index in the old list and one in the new; one of them is missing where an element comes or goes. */
export type Pair = [before: number | undefined, after: number | undefined];

type List = readonly unknown[];

/**
 * Which elements of two lists are the same one, so that a new element at the front is no change of all behind it. What is
 * equal at the beginning and at the end of both is left out.
 * @param unknown what is known only after an apply, by the indexes of the new list: it says nothing about who is who
 */
export function pairs(before: List, after: List, unknown: List): Pair[] {
  const length = Math.max(after.length, unknown.length);
  const isEqual = (old: number, now: number) => !isMarked(unknown[now]) && same(before[old], after[now]);
  let head = 0;
  while (head < before.length && head < length && isEqual(head, head)) head++;
  if (head === before.length && head === length) return [];
  let tail = 1;
  while (head <= Math.min(before.length, length) - tail && isEqual(before.length - tail, length - tail))
    tail++;
  return middle(
    before,
    after,
    unknown,
    range(head, before.length - tail + 1),
    range(head, length - tail + 1),
  );
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);

function middle(before: List, after: List, unknown: List, old: number[], now: number[]): Pair[] {
  if (old.length === 0 || now.length === 0) return unpaired(old, now);
  const computed = new Set(now.flatMap(index => Object.keys(unknown[index] ?? {})));
  const told = (key: string, value: unknown) =>
    computed.has(key) ? undefined : typeof value === 'bigint' ? `${value}n` : value;
  const names = (list: List, indexes: number[]) =>
    indexes.map(index => JSON.stringify(list[index], told) ?? 'null');
  const [oldNames, nowNames] = [names(before, old), names(after, now)];
  const script = diffArrays(oldNames, nowNames, { maxEditLength: editLimit(old.length + now.length) });
  if (!script) return inAnyOrder(oldNames, nowNames, old, now);

  const found: Pair[] = [];
  let [at, to] = [0, 0];
  let gone: number[] = [];
  let come: number[] = [];
  for (const { count, added, removed } of script) {
    const [theirs, ours] = [added ? [] : old.slice(at, at + count), removed ? [] : now.slice(to, to + count)];
    at += theirs.length;
    to += ours.length;
    if (removed) gone = theirs;
    else if (added) come = ours;
    else {
      found.push(...partners(before, after, gone, come));
      for (const [index, each] of theirs.entries()) found.push([each, ours[index]]);
      [gone, come] = [[], []];
    }
  }
  return [...found, ...partners(before, after, gone, come)];
}

/** How different two lists may be before nobody looks for their shortest difference: the time for it grows with its square. */
export const editLimit = (length: number): number =>
  Math.min(3_000, 100 + Math.floor(Math.sqrt(50 * length)));

function inAnyOrder(oldNames: string[], nowNames: string[], old: number[], now: number[]): Pair[] {
  const places = Map.groupBy(old.toReversed(), index => oldNames[index - (old[0] ?? 0)]);
  const kept = now.map((index, at): Pair => [places.get(nowNames[at])?.pop(), index]);
  return [
    ...[...places.values()]
      .flat()
      .sort((a, b) => a - b)
      .map((index): Pair => [index, undefined]),
    ...kept,
  ];
}

const unpaired = (old: readonly number[], now: readonly number[]): Pair[] => [
  ...old.map((index): Pair => [index, undefined]),
  ...now.map((index): Pair => [undefined, index]),
];

// Beyond so many, looking for what is most alike would cost more than it tells.
const compared = 40;

/** Of elements that stand at the same place in both lists, which became which: the most alike first, the rest in turn. */
function partners(before: List, after: List, gone: readonly number[], come: readonly number[]): Pair[] {
  const matches =
    gone.length <= compared && come.length <= compared
      ? gone.flatMap(old => come.map(now => ({ old, now, points: likeness(before[old], after[now]) })))
      : [];
  const of = new Map<number, number>();
  const left = new Set(gone);
  for (const { old, now, points } of matches.sort((a, b) => b.points - a.points)) {
    if (points === 0) break;
    if (of.has(now) || !left.delete(old)) continue;
    of.set(now, old);
  }
  // As many that came as went, with nothing in common: each took the place of another.
  const rest = come.length === gone.length ? left.values() : [].values();
  const found = come.map((now): Pair => [of.get(now) ?? rest.next().value, now]);
  return come.length === gone.length ? found : [...unpaired([...left], []), ...found];
}

/** How many parts two elements have in common; a name counts for more than all the rest. */
function likeness(before: unknown, after: unknown): number {
  if (!isContainer(before) || !isContainer(after)) return 0;
  return Object.keys(after).reduce((points, key) => {
    const isEqual = part(after, key) !== undefined && same(part(before, key), part(after, key));
    return points + (isEqual ? (/^(?:name|key|s?id)$/i.test(key) ? 100 : 1) : 0);
  }, 0);
}

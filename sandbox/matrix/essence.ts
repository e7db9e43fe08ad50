import { createHash } from 'node:crypto';
import { madeUp } from './gate.ts';

/*
 * Two worlds are compared by what is in them, and not by the ids that each has made up, nor by the order in which things were
 * made. Which id stands where matters all the same: a load balancer that uses its own is another than one that uses a foreign
 * one. So ids are numbered, in an order that follows from what refers to what and from nothing else.
 */

/** Also a commit's beginning and a node's end. */
const ids = new RegExp(`${madeUp.source}|\\b[0-9a-f]{7}\\b|\\b[0-9a-f]{5}-[0-9a-f]{5}\\b`, 'g');
const times = /\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?( ?Z| UTC)?/g;

type Names = ReadonlyMap<string, string>;

/**
 * A state in which only what matters is left: ids, times and the order of lists do not. Where an order matters, a world
 * tells an object or a text.
 * @throws Error when two keys of an object differ in nothing else: one would hide the other
 */
export function essence(state: unknown): string {
  const timeless = withoutTimes(JSON.parse(JSON.stringify(state ?? null)));
  return JSON.stringify(numbered(timeless, told(timeless)), undefined, 1);
}

function withoutTimes(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(times, 'TIME');
  if (Array.isArray(value)) return value.map(withoutTimes);
  if (typeof value !== 'object' || value === null) return value;
  const pairs = Object.entries(value).map(([key, item]) => [key.replace(times, 'TIME'), withoutTimes(item)]);
  const twice = pairs.find(([key], at) => pairs.findIndex(([other]) => other === key) < at);
  if (twice) throw new Error(`Two keys are both ${twice[0]}`);
  return Object.fromEntries(pairs);
}

const named = (text: string, names: Names) => text.replace(ids, id => names.get(id) ?? 'ID');
const digest = (...texts: string[]) =>
  createHash('sha256').update(JSON.stringify(texts)).digest('hex').slice(0, 16);

/** A value as one word that is the same for each order of its lists. */
function word(value: unknown, names: Names, known: Map<object, string>): string {
  if (typeof value === 'string') return digest('text', named(value, names));
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const before = known.get(value);
  if (before) return before;
  const parts = Array.isArray(value)
    ? value.map(item => word(item, names, known))
    : Object.entries(value).map(([key, item]) => digest(named(key, names), word(item, names, known)));
  const made = digest(Array.isArray(value) ? 'list' : 'object', ...parts.sort());
  known.set(value, made);
  return made;
}

/**
 * A name for each id by all that stands around it, and so by what the ids there are called, until no more are told apart
 * (colour refinement). Of those that are left the choice is free: any of them is as good, and makes others differ.
 */
function told(state: unknown): Names {
  let names: Names = new Map();
  for (;;) {
    const next = refined(state, names);
    const classes = Map.groupBy(next, ([, name]) => name);
    const alike = [...classes.values()].filter(({ length }) => length > 1);
    const isFiner = classes.size > new Set(names.values()).size;
    names = next;
    if (alike.length === 0) return names;
    if (isFiner) continue;
    const [[chosen, name] = ['', '']] =
      alike.sort(([[, x] = ['', '']], [[, y] = ['', '']]) => order(x, y))[0] ?? [];
    names = new Map([...names, [chosen, digest(name, 'chosen')]]);
  }
}

function refined(state: unknown, names: Names): Names {
  const known = new Map<object, string>();
  const places = new Map<string, string[]>();
  const note = (text: string, place: string) => {
    for (const { 0: id, index } of text.matchAll(ids)) {
      const around = digest(place, named(text.slice(0, index), names), named(text, names));
      places.set(id, [...(places.get(id) ?? []), around]);
    }
  };
  const visit = (value: unknown, place: string): void => {
    if (typeof value === 'string') note(value, place);
    if (typeof value !== 'object' || value === null) return;
    const here = digest(place, word(value, names, known));
    for (const [key, item] of Array.isArray(value) ? value.map(each => ['', each]) : Object.entries(value)) {
      const there = digest(here, named(key, names), word(item, names, known));
      note(key, there);
      visit(item, there);
    }
  };
  visit(state, '');
  return new Map([...places].map(([id, found]) => [id, digest(names.get(id) ?? '', ...found.sort())]));
}

const order = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);

/** With ID1, ID2, … by first sight; sorted by what can be read first, so that a small difference stays one. */
function numbered(state: unknown, names: Names): unknown {
  const numbers = new Map<string, string>();
  const none: Names = new Map();
  const [plain, full] = [new Map<object, string>(), new Map<object, string>()];
  const text = (value: unknown) =>
    typeof value === 'string' ? named(value, none) : word(value, none, plain);
  const compare = (one: unknown, other: unknown) =>
    order(text(one), text(other)) || order(word(one, names, full), word(other, names, full));
  const number = (value: string) =>
    value.replace(ids, id => {
      const known = numbers.get(id) ?? `ID${numbers.size + 1}`;
      numbers.set(id, known);
      return known;
    });
  const visit = (value: unknown): unknown => {
    if (typeof value === 'string') return number(value);
    if (Array.isArray(value)) return [...value].sort(compare).map(visit);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).sort(([one], [other]) => compare(one, other));
    return Object.fromEntries(entries.map(([key, item]) => [number(key), visit(item)]));
  };
  return visit(state);
}

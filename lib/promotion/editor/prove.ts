import { isDeepStrictEqual } from 'node:util';
import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import { UserError } from '../../runner/errors.ts';
import type { Path, Source } from './source.ts';
import type { Splice } from './splice.ts';

/** What one edit does to the meaning of a document. */
export interface Effect {
  document: number;
  path: Path;
  /** What stands there afterwards; null for nothing. */
  value: string | null;
  /** The key that stands there afterwards, where it is another one. */
  key?: string | undefined;
}

/**
 * Holds the text that was made against the one before: outside of the splices every character is the same, and the
 * meaning is the same but for the effects. What differs beyond them is a reason not to write anything.
 */
export function prove(
  before: Source,
  after: Source,
  splices: readonly Splice[],
  effects: readonly Effect[],
): void {
  const wanted = before.documents.map(({ contents }) => meaning(contents));
  for (const effect of effects) take(wanted[effect.document], effect);
  const got = after.documents.map(({ contents }) => meaning(contents));
  if (keepsTheRest(before, after, splices) && isDeepStrictEqual(got, wanted)) return;
  throw new UserError(
    'This file cannot be changed without changing more than is asked for: nothing was written; change it by hand',
    before.at(splices[0]?.start ?? 0),
  );
}

function keepsTheRest(before: Source, after: Source, splices: readonly Splice[]): boolean {
  let [old, now] = [0, 0];
  for (const { start, end, text } of [
    ...splices,
    { start: before.text.length, end: before.text.length, text: '' },
  ]) {
    const length = start - old;
    if (length < 0 || before.text.slice(old, start) !== after.text.slice(now, now + length)) return false;
    if (!after.text.startsWith(text, now + length)) return false;
    [old, now] = [end, now + length + text.length];
  }
  return now === after.text.length && before.mark === after.mark;
}

/** Where a value has an anchor or a tag, these are part of what it means. */
interface Marked {
  anchor: string | undefined;
  tag: string | undefined;
  is: unknown;
}

/** Maps stay maps, so that keys of any kind are told apart; aliases stay aliases, so that nothing grows. */
function meaning(node: unknown): unknown {
  if (isAlias(node)) return { alias: node.source };
  if (!isScalar(node) && !isMap(node) && !isSeq(node)) return null;
  const is = isScalar(node)
    ? node.value
    : isMap(node)
      ? new Map(
          node.items.map(({ key, value }) => [
            isAlias(key) ? `*${key.source}` : (key as { value: unknown }).value,
            meaning(value),
          ]),
        )
      : node.items.map(meaning);
  const { anchor, tag } = node;
  return anchor === undefined && tag === undefined ? is : ({ anchor, tag, is } satisfies Marked);
}

function take(root: unknown, { path, value, key }: Effect): void {
  const parent = path.slice(0, -1).reduce<unknown>((node, step) => child(content(node), step), root);
  const [target, last] = [content(parent), path.at(-1) as string | number];
  const old = child(target, last);
  const next = isMarked(old) && value !== null ? { ...old, is: value } : value;
  if (Array.isArray(target)) target[Number(last)] = next;
  if (!(target instanceof Map)) return;
  if (value === null || key !== undefined) target.delete(last);
  if (value !== null) target.set(key ?? last, next);
}

const isMarked = (value: unknown): value is Marked =>
  typeof value === 'object' && value !== null && 'is' in value;
const content = (value: unknown): unknown => (isMarked(value) ? value.is : value);
const child = (node: unknown, key: string | number): unknown =>
  node instanceof Map ? node.get(key) : Array.isArray(node) ? node[Number(key)] : undefined;

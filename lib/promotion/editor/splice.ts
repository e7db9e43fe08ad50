import { isScalar, type Node, type Pair, Scalar } from 'yaml';
import { UserError } from '../../runner/errors.ts';
import { writeScalar } from './plain.ts';
import { findMap, findSlot, type Slot } from './slot.ts';
import { lineEnd, lineStart, type Path, type Source } from './source.ts';

/** A stretch of a text and what comes in its place. */
export interface Splice {
  start: number;
  end: number;
  text: string;
}

/** @param splices in their order, none of them over another */
export const apply = (text: string, splices: readonly Splice[]): string =>
  splices.reduceRight(
    (result, { start, end, text: part }) => result.slice(0, start) + part + result.slice(end),
    text,
  );

/** Another value in the place of one that stands there. */
export function replaceValue(source: Source, document: number, path: Path, value: string): Splice {
  const slot = findSlot(source, document, path);
  // A text that looks like a number was meant as a text: so it says, from now on.
  const style = slot.style === Scalar.PLAIN && slot.text === value ? Scalar.QUOTE_DOUBLE : slot.style;
  return inPlace(source, slot, writeScalar(value, style, slot.at));
}

function inPlace({ text: around }: Source, { range: [start, end] }: Slot, text: string): Splice {
  if (start < end) return { start, end, text };
  // An empty value has no place of its own: `tag:` and `tag: # why` need room around it.
  const left = /\s/.test(around[start - 1] ?? '') ? '' : ' ';
  const right = /[\s,\]}]|^$/.test(around[end] ?? '') ? '' : ' ';
  return { start, end, text: left + text + right };
}

/** Another name for a key that stands there. */
export function renameKey(source: Source, document: number, path: Path, name: string): Splice {
  const map = findMap(source, document, path.slice(0, -1));
  const { key } = pairOf(source, map.items, path);
  const [start, end] = rangeOf(key);
  const style = isScalar(key) && key.type ? (key.type as Scalar.Type) : Scalar.PLAIN;
  return { start, end, text: writeScalar(name, style, source.at(start)) };
}

/**
 * A key more, with the indentation, line ending and quotes of its siblings.
 * @param leaving keys that other edits take away, so that nothing is written next to them
 */
export function insertKey(
  source: Source,
  document: number,
  path: Path,
  value: string,
  leaving: readonly (string | number)[] = [],
): Splice {
  const map = findMap(source, document, path.slice(0, -1));
  const at = source.at(rangeOf(map)[0]);
  const name = String(path.at(-1));
  if (map.flow) return inFlow(source, map.items, name, value);
  const written = `${writeScalar(name, Scalar.PLAIN, at)}: ${writeScalar(value, Scalar.PLAIN, at)}`;
  const sibling = map.items.findLast(
    pair => isSingleLine(source, pair) && !leaving.includes((pair.key as Scalar<string>).value),
  );
  const { key } = sibling ?? (map.items[0] as Pair);
  const [start] = rangeOf(key);
  const indent = indentation(source, start);
  if (sibling === undefined)
    return { start, end: start, text: `${written}${newline(source, start)}${indent}` };
  const end = lineEnd(source.text, start);
  return { start: end, end, text: `${newline(source, start)}${indent}${written}` };
}

function inFlow(source: Source, items: readonly Pair[], name: string, value: string): Splice {
  const last = items.at(-1) as Pair;
  const before = items.at(-2);
  const end = rangeOf(last.value ?? last.key)[1];
  const gap = before ? source.text.slice(rangeOf(before.value ?? before.key)[1], rangeOf(last.key)[0]) : ', ';
  const style = (node: unknown) =>
    isScalar(node) && node.type === Scalar.QUOTE_DOUBLE ? Scalar.QUOTE_DOUBLE : Scalar.PLAIN;
  const at = source.at(end);
  const text = `${writeScalar(name, style(last.key), at)}: ${writeScalar(value, style(last.value), at)}`;
  return { start: end, end, text: (/^\s*,\s*$/.test(gap) ? gap : ', ') + text };
}

/** A key less: in a block its whole line, in `{…}` with its comma. */
export function removeKey(source: Source, document: number, path: Path): Splice {
  findSlot(source, document, path); // what others share stays
  const map = findMap(source, document, path.slice(0, -1));
  const { text } = source;
  const index = map.items.indexOf(pairOf(source, map.items, path));
  const pair = map.items[index] as Pair;
  const [start] = rangeOf(pair.key);
  const end = rangeOf(pair.value)[1] || start;
  const [before, after] = [map.items[index - 1], map.items[index + 1]];
  const own = /^ *$/.test(text.slice(lineStart(text, start), start));
  if (!map.flow && own && isSingleLine(source, pair) && (before ?? after)) return wholeLine(text, start);
  const cut =
    map.flow && before
      ? { start: rangeOf(before.value ?? before.key)[1], end }
      : after && { start, end: rangeOf(after.key)[0] };
  // Between two keys stand blanks, at most a comma: whatever else does is somebody's comment.
  const between = cut && (cut.start === start ? text.slice(end, cut.end) : text.slice(cut.start, start));
  if (cut && between !== undefined && /^\s*,?\s*$/.test(between)) return { ...cut, text: '' };
  throw new UserError(
    `${path.join('.')} must go and cannot be taken out safely: delete it by hand`,
    source.at(start),
  );
}

function wholeLine(text: string, offset: number): Splice {
  const next = text.indexOf('\n', offset) + 1;
  if (next > 0) return { start: lineStart(text, offset), end: next, text: '' };
  const previous = lineStart(text, offset) - 1;
  return {
    start: previous > 0 && text[previous - 1] === '\r' ? previous - 1 : previous,
    end: text.length,
    text: '',
  };
}

function pairOf(source: Source, items: readonly Pair[], path: Path): Pair {
  const found = items.find(({ key }) => isScalar(key) && key.value === path.at(-1));
  if (found) return found;
  throw new UserError(`${path.join('.')} is missing: write it here`, source.at(rangeOf(items[0]?.key)[0]));
}

const rangeOf = (node: unknown): readonly [number, number] => {
  const { range } = (node ?? {}) as Node;
  return range ? [range[0], range[1]] : [0, 0];
};

/** `key: value` on one line, which is all that stands there but for a comment. */
function isSingleLine({ text }: Source, { key, value }: Pair): boolean {
  if (!isScalar(key) || !isScalar(value) || !key.range || !value.range) return false;
  if (value.type === Scalar.BLOCK_FOLDED || value.type === Scalar.BLOCK_LITERAL) return false;
  return (
    !text.slice(key.range[0], value.range[1]).includes('\n') &&
    !/\?\s*$/.test(text.slice(lineStart(text, key.range[0]), key.range[0]))
  );
}

/** What stands in front of the keys of a block: blanks, also for those that follow a dash. */
function indentation(source: Source, offset: number): string {
  const prefix = source.text.slice(lineStart(source.text, offset), offset);
  if (/^ *(- +)*$/.test(prefix)) return ' '.repeat(prefix.length);
  throw new UserError(
    'A key is needed here, and how it is indented is not clear: write it by hand',
    source.at(offset),
  );
}

/** The line ending of the place, and where it has none, of the text. */
function newline({ text }: Source, offset: number): string {
  const end = lineEnd(text, offset);
  return /^\r?\n/.exec(text.slice(end, end + 2))?.[0] ?? /\r?\n/.exec(text)?.[0] ?? '\n';
}

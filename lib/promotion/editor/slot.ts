import {
  type Alias,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  Scalar,
  visit,
  type YAMLMap,
} from 'yaml';
import { UserError } from '../../runner/errors.ts';
import type { Path, Source } from './source.ts';

/** One value that can be replaced. */
export interface Slot {
  /** What it says; of `tag: 1.10` that is "1.10", where the value is the number 1.1. */
  text: string;
  /** False for what YAML reads as a number, a truth value or nothing. */
  isText: boolean;
  style: Scalar.Type;
  range: readonly [number, number];
  at: ReturnType<Source['at']>;
}

/**
 * Finds a value to be read, or to be replaced.
 * @throws UserError when it is missing, or cannot be changed without changing something else
 */
export function findSlot(source: Source, document: number, path: Path): Slot {
  const { node, last } = findNode(source, document, path);
  const place = path.join('.');
  const { at } = source;
  if (!isScalar(node) || !node.range) {
    throw new UserError(
      `${place} is not a single value: write one text here`,
      at((node as Node).range?.[0] ?? last),
    );
  }
  const { type = Scalar.PLAIN, range } = node;
  const [start, end] = range;
  if (type === Scalar.BLOCK_FOLDED || type === Scalar.BLOCK_LITERAL) {
    throw new UserError(
      `${place} is a text block (| or >): write it on one line, so that it can be changed`,
      at(start),
    );
  }
  if (node.tag !== undefined && node.tag !== 'tag:yaml.org,2002:str' && node.tag !== '!') {
    throw new UserError(`${place} has the tag ${node.tag}, which says what it is: delete the tag`, at(start));
  }
  const text = type === Scalar.PLAIN ? (node.source ?? '') : String(node.value);
  if (/\{\{|\$\{/.test(text)) {
    throw new UserError(
      `${place} is a template ("${text}"), which would be lost: write a value here`,
      at(start),
    );
  }
  const isText = typeof node.value === 'string';
  return { text, isText, style: type as Scalar.Type, range: [start, end], at: at(start) };
}

/** What a person reads at a path, through aliases and merge keys; undefined for what is there and is no single value. */
export function readText(source: Source, document: number, path: Path): string | undefined {
  const node = see(source, document, path);
  if (!isScalar(node)) return undefined;
  return node.type === Scalar.PLAIN || node.type === undefined ? (node.source ?? '') : String(node.value);
}

/** What a reader finds at a path, through aliases and merge keys. To look at, never to write through. */
export function see(source: Source, document: number, path: Path): Node | undefined {
  const root = source.documents[document];
  if (!root) return undefined;
  const real = (node: unknown): unknown => (isAlias(node) ? node.resolve(root) : node);
  const get = (node: unknown, key: string | number, depth = 0): unknown => {
    if (!isMap(node) && !isSeq(node)) return undefined;
    const own = node.get(key, true);
    if (own !== undefined || !isMap(node) || depth > 9) return real(own);
    const merged = real(node.get('<<', true));
    const sources = isSeq(merged) ? merged.items.map(real) : [merged];
    return sources.map(each => get(each, key, depth + 1)).find(each => each !== undefined);
  };
  return (path.reduce<unknown>((node, key) => get(node, key), root.contents) as Node | null) ?? undefined;
}

/** What stands at a path, as it is; undefined when nothing does. An alias on the way is not followed. */
export function lookUp(source: Source, document: number, path: Path): Node | undefined {
  let node: unknown = source.documents[document]?.contents;
  for (const key of path) node = isMap(node) || isSeq(node) ? node.get(key, true) : undefined;
  return (node as Node | null | undefined) ?? undefined;
}

/**
 * Goes to a place and refuses what others share on the way.
 * @returns what stands there, and where the last thing begins that was passed
 */
export function findNode(source: Source, document: number, path: Path): { node: unknown; last: number } {
  const root = source.documents[document];
  let node: unknown = root?.contents;
  let last = 0;
  for (const [index, key] of path.entries()) {
    refuseShared(source, root, node, path.slice(0, index).join('.'));
    last = (node as Node | null)?.range?.[0] ?? last;
    const next = isMap(node) || isSeq(node) ? node.get(key, true) : undefined;
    if (next === undefined || next === null)
      throw missing(source, node, path.slice(0, index + 1).join('.'), last);
    node = next;
  }
  refuseShared(source, root, node, path.join('.'));
  return { node, last };
}

/** The map that a key is to be written into, or taken out of. @throws UserError when it is shared, or none */
export function findMap(source: Source, document: number, path: Path): YAMLMap & { items: Pair[] } {
  const { node, last } = findNode(source, document, path);
  if (!isMap(node) || node.items.length === 0) {
    throw new UserError(
      `${path.join('.') || 'This'} has no keys yet: write the first one by hand`,
      source.at((node as Node | null)?.range?.[0] ?? last),
    );
  }
  if (hasMerge(node)) {
    throw new UserError(
      `${path.join('.')} takes keys over through a merge key ("<<"), which is shared: write them here themselves`,
      source.at(node.range?.[0] ?? last),
    );
  }
  return node as YAMLMap & { items: Pair[] };
}

const hasMerge = (map: YAMLMap): boolean => map.items.some(({ key }) => isScalar(key) && key.value === '<<');

function missing({ at }: Source, node: unknown, place: string, offset: number): UserError {
  return new UserError(
    isMap(node) && hasMerge(node)
      ? `${place} may come through a merge key ("<<"), which is shared: write it here itself`
      : `${place} is missing: write it here, then it can be changed`,
    at(offset),
  );
}

/** An alias, or a value that aliases elsewhere repeat, cannot be changed in one place only. */
function refuseShared({ at }: Source, root: Document.Parsed | undefined, node: unknown, place: string): void {
  if (isAlias(node)) {
    throw new UserError(
      `${place} is only an alias of "&${node.source}": write the value itself here`,
      at(node.range?.[0] ?? 0),
    );
  }
  const anchor = isScalar(node) || isCollection(node) ? node.anchor : undefined;
  if (!anchor || !root) return;
  const users: Alias[] = [];
  visit(root, { Alias: (_, alias) => void (alias.source === anchor && users.push(alias)) });
  if (users.length === 0) return;
  const lines = users.map(({ range }) => at(range?.[0] ?? 0).line).join(', ');
  throw new UserError(
    `${place} is repeated elsewhere through "*${anchor}" (line ${lines}): write the value itself in each place`,
    at((node as Node).range?.[0] ?? 0),
  );
}

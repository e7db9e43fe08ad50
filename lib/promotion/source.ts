import {
  type Alias,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  Scalar,
  visit,
} from 'yaml';
import { type Location, UserError, UserErrors } from '../runner/errors.ts';

/** A YAML file with the way from values to their bytes. Offsets count UTF-16 units, over all documents of the file. */
export interface Source {
  file: string;
  /** A byte order mark, or nothing. It is kept apart: the parser takes it for the indentation of what follows. */
  mark: string;
  text: string;
  documents: Document.Parsed[];
  at(offset: number): Location;
}

export type Path = readonly (string | number)[];

/**
 * Reads a file as YAML, keeping a byte order mark and every line ending.
 * @throws UserErrors for bytes that are not UTF-8, for what is not YAML, for keys that stand twice, for templates
 */
export function readSource(file: string, bytes: Uint8Array): Source {
  const [, mark = '', text = ''] = /^(\ufeff?)(.*)$/s.exec(decode(file, bytes)) ?? [];
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, keepSourceTokens: true });
  const at = (offset: number): Location => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  // `parseAllDocuments` has a type for streams without any document.
  const parsed = [...documents] as Document.Parsed[];
  const errors = parsed.flatMap(document => [
    ...document.errors.map(({ message, pos }) => {
      const [what = ''] = message.split(' at line ');
      return new UserError(`This is not valid YAML: ${what.replace(/\s+/g, ' ')}`, at(pos[0]));
    }),
    ...templates(document, at),
  ]);
  if (errors.length > 0) throw new UserErrors(errors);
  return { file, mark, text, documents: parsed, at };
}

function decode(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new UserError('This file is not UTF-8: save it as that', { file });
  }
}

/** `{{ x }}` without quotes is a map with a map as its key: no manifest has one. */
function templates(document: Document.Parsed, at: Source['at']): UserError[] {
  const errors: UserError[] = [];
  visit(document, {
    Pair(_, { key }) {
      if (isScalar(key) || isAlias(key)) return;
      const offset = (key as Node | null)?.range?.[0] ?? 0;
      errors.push(
        new UserError(
          'This looks like a template ("{{ … }}"): only plain YAML can be changed safely',
          at(offset),
        ),
      );
      return visit.SKIP;
    },
  });
  return errors;
}

/** One value that can be replaced. */
export interface Slot {
  /** What it says; of `tag: 1.10` that is "1.10", where the value is the number 1.1. */
  text: string;
  style: Scalar.Type;
  /** In a flow collection (`{…}` or `[…]`), where more characters have a meaning. */
  flow: boolean;
  range: readonly [number, number];
  at: Location;
}

/**
 * Finds a value to be read, or to be replaced.
 * @throws UserError when it is missing, or cannot be changed without changing something else
 */
export function findSlot(source: Source, document: number, path: Path): Slot {
  const root = source.documents[document];
  let node: unknown = root?.contents;
  let flow = false;
  let last = 0;
  for (const [index, key] of path.entries()) {
    const place = path.slice(0, index + 1).join('.');
    refuseShared(source, root, node, path.slice(0, index).join('.'));
    last = (node as Node | null)?.range?.[0] ?? last;
    if (isCollection(node)) flow ||= node.flow === true;
    const next = isMap(node) || isSeq(node) ? node.get(key, true) : undefined;
    if (next === undefined || next === null) throw missing(source, node, place, last);
    node = next;
  }
  const place = path.join('.');
  refuseShared(source, root, node, place);
  const { at } = source;
  if (!isScalar(node) || !node.range) {
    throw new UserError(
      `${place} is not a single value: write one text here`,
      at((node as Node).range?.[0] ?? last),
    );
  }
  const { type = Scalar.PLAIN, range } = node;
  if (type === Scalar.BLOCK_FOLDED || type === Scalar.BLOCK_LITERAL) {
    throw new UserError(
      `${place} is a text block (| or >): write it on one line, so that it can be changed`,
      at(range[0]),
    );
  }
  const text = type === Scalar.PLAIN ? (node.source ?? '') : String(node.value);
  return { text, style: type as Scalar.Type, flow, range: [range[0], range[1]], at: at(range[0]) };
}

function missing({ at }: Source, node: unknown, place: string, offset: number): UserError {
  const merged =
    isMap(node) && node.items.some(pair => isPair(pair) && isScalar(pair.key) && pair.key.value === '<<');
  return new UserError(
    merged
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

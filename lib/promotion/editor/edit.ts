import { isScalar } from 'yaml';
import { forAll, UserError } from '../../runner/errors.ts';
import { openBlock } from './block.ts';
import { type Hunk, hunks } from './hunks.ts';
import { type Effect, prove } from './prove.ts';
import { lookUp } from './slot.ts';
import { type Path, parseSource, readSource, type Source } from './source.ts';
import { apply, insertKey, removeKey, renameKey, replaceValue, type Splice } from './splice.ts';

/** One value that is to be another text. */
export interface Edit {
  /** Which of the file's documents; the first is 0. */
  document: number;
  /** A key that is missing is written, if the map that it belongs to is there. */
  path: Path;
  /** null takes the key away. */
  value: string | null;
  /** Another name for the key: `newTag: v1` becomes `digest: sha256:…`, one line. */
  key?: string;
  /** The literal block (`values: |`) in whose YAML all this is meant. */
  within?: Path;
}

export interface Edited {
  bytes: Uint8Array;
  /** None when every value stands there already. */
  hunks: Hunk[];
}

/**
 * Changes values in a YAML file and leaves every other byte as it is: the YAML is not written anew, its bytes are
 * spliced, and the result is read again to prove that the edits and nothing else have changed.
 * @throws UserError or UserErrors, with the line, for whatever cannot be done safely
 */
export function edit(file: string, bytes: Uint8Array, edits: readonly Edit[]): Edited {
  return editSource(readSource(file, bytes), edits);
}

/** @param before the file as it was read */
export function editSource(before: Source, edits: readonly Edit[]): Edited {
  const inside = Map.groupBy(
    edits.filter(({ within }) => within),
    ({ document, within }) => JSON.stringify([document, within]),
  );
  const direct = planned(
    before,
    edits.filter(({ within }) => !within),
  );
  const blocks = forAll([...inside.values()], group => inBlock(before, group));
  const splices = ordered(before, [direct.splices, ...blocks.map(block => block.splices)].flat());
  if (splices.length === 0) return { bytes: Buffer.from(before.mark + before.text), hunks: [] };
  const written = Buffer.from(before.mark + apply(before.text, splices));
  prove(
    before,
    readSource(before.file, written),
    splices,
    [direct.effects, ...blocks.map(({ effects }) => effects)].flat(),
  );
  return { bytes: written, hunks: hunks(before, splices) };
}

interface Planned {
  splices: Splice[];
  effects: Effect[];
}

function planned(source: Source, edits: readonly Edit[]): Planned {
  const leaving = edits.flatMap(({ path, value, key }) => (value === null || key ? [path.at(-1) ?? ''] : []));
  const real = edits.filter(each => !isDone(source, each));
  return {
    splices: forAll(real, each => splicesOf(source, each, leaving)).flat(),
    effects: real,
  };
}

function splicesOf(
  source: Source,
  { document, path, value, key }: Edit,
  leaving: readonly (string | number)[],
): Splice[] {
  if (value === null) return [removeKey(source, document, path)];
  if (lookUp(source, document, path) === undefined)
    return [insertKey(source, document, path, value, leaving)];
  const replaced = replaceValue(source, document, path, value);
  return key === undefined ? [replaced] : [renameKey(source, document, path, key), replaced];
}

/** The same, for the YAML within one block: from outside it is one value that changes. */
function inBlock(source: Source, edits: readonly Edit[]): Planned {
  const [{ document, within } = { document: 0, within: undefined }] = edits;
  if (within === undefined) return { splices: [], effects: [] };
  const block = openBlock(source, document, within);
  const { splices: found, effects } = planned(
    block.source,
    edits.map(each => ({ ...each, document: 0 })),
  );
  const splices = ordered(block.source, found);
  if (splices.length === 0) return { splices, effects: [] };
  const text = apply(block.source.text, splices);
  prove(block.source, parseSource({ ...block.source, text }), splices, effects);
  return {
    splices: splices.map(block.outward),
    effects: [{ document, path: within, value: block.valueOf(text) }],
  };
}

/** True for what a file says already, as a text. */
function isDone(source: Source, { document, path, value, key }: Edit): boolean {
  const node = lookUp(source, document, path);
  if (value === null) return node === undefined && lookUp(source, document, path.slice(0, -1)) !== undefined;
  return key === undefined && isScalar(node) && node.value === value;
}

function ordered(source: Source, splices: readonly Splice[]): Splice[] {
  const sorted = splices.toSorted((a, b) => a.start - b.start || a.end - b.end);
  const clash = sorted.find(({ start }, index) => start < (sorted[index - 1]?.end ?? 0));
  if (!clash) return sorted;
  throw new UserError(
    'Two of the changes meet in this place: write one of them by hand first',
    source.at(clash.start),
  );
}

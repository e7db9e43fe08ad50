import { isDeepStrictEqual } from 'node:util';
import { parseDocument, Scalar } from 'yaml';
import { UserError } from '../runner/errors.ts';
import { findSlot, type Path, readSource, type Slot, type Source } from './source.ts';

/** One value to be replaced by a text. */
export interface Edit {
  /** Which of the file's documents; the first is 0. */
  document: number;
  path: Path;
  value: string;
}

/** Some whole lines, before and after. */
export interface Hunk {
  line: number;
  before: string;
  after: string;
}

export interface Edited {
  bytes: Uint8Array;
  hunks: Hunk[];
}

/**
 * Replaces values in a YAML file and leaves every other byte as it is: the YAML is not written anew, its bytes are
 * spliced, and the result is read again to prove that the edits and nothing else have changed.
 * @throws UserError or UserErrors, with the line, for whatever cannot be done safely
 */
export function edit(file: string, bytes: Uint8Array, edits: readonly Edit[]): Edited {
  const before = readSource(file, bytes);
  const splices = edits
    .map(each => ({ ...splice(before, each), edit: each }))
    .sort((a, b) => a.start - b.start);
  const written = Buffer.from(before.mark + apply(before.text, splices));
  prove(before, readSource(file, written), edits);
  return { bytes: written, hunks: hunks(before, splices) };
}

interface Splice {
  start: number;
  end: number;
  text: string;
}

function splice(source: Source, { document, path, value }: Edit): Splice {
  const slot = findSlot(source, document, path);
  const [start, end] = slot.range;
  const text = write(slot, value);
  if (start < end) return { start, end, text };
  // An empty value has no place of its own: `tag:` and `tag: # why` need room around it.
  const left = /\s/.test(source.text[start - 1] ?? '') ? '' : ' ';
  const right = /[\s,\]}]|^$/.test(source.text[end] ?? '') ? '' : ' ';
  return { start, end, text: left + text + right };
}

const apply = (text: string, splices: readonly Splice[]): string =>
  splices.reduceRight(
    (result, { start, end, text: part }) => result.slice(0, start) + part + result.slice(end),
    text,
  );

/** The value in the style that stands there; a plain one is quoted where it would be read as something else. */
function write(slot: Slot, value: string): string {
  // Whatever breaks a line, or is not seen, needs escapes that not everybody reads alike.
  if (!/^[\x20-\x7e\u00a1-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]*$/.test(value)) {
    throw new UserError(
      `The new value ${JSON.stringify(value)} has characters that cannot be written safely`,
      slot.at,
    );
  }
  if (slot.style === Scalar.QUOTE_SINGLE) return `'${value.replaceAll("'", "''")}'`;
  if (slot.style === Scalar.PLAIN && isPlain(value)) return value;
  return JSON.stringify(value);
}

/** True for a text that every YAML reader, old and new, takes as that text without quotes, in flow collections too. */
export function isPlain(value: string): boolean {
  if (!/^[\w./][\w./@:+=~-]*$/.test(value) || value.endsWith(':')) return false;
  if (numberLike.some(pattern => pattern.test(value))) return false;
  return (['1.1', '1.2'] as const).every(
    version => parseDocument(value, { version }).contents?.toJSON() === value,
  );
}

// Readers of YAML 1.1 differ in what they take for a number or a date: whatever any of them may is quoted.
const numberLike = [
  /^[-+]?[\d_]*\.?[\d_]*([eE][-+]?\d+)?$/,
  /^0[xXoObB][\w]*$/,
  /^[-+]?\d[\d_]*(:[0-5]?\d)+(\.\d*)?$/,
  /^\d{4}-\d\d?-\d\d?([Tt].*)?$/,
  /^(y|n|yes|no|on|off|true|false|null|~|=|\.inf|\.nan)$/i,
];

/** Reads both sides as values and as bytes. What differs beyond the edits is a reason not to write anything. */
function prove(before: Source, after: Source, edits: readonly Edit[]): void {
  const wanted = values(before);
  for (const { document, path, value } of edits) set(wanted[document], path, value);
  const kept = edits.every(({ document, path, value }) => findSlot(after, document, path).text === value);
  if (kept && isDeepStrictEqual(values(after), wanted)) return;
  throw new UserError(
    'This file cannot be changed without changing more than is asked for: nothing was written; change it by hand',
    { file: before.file },
  );
}

/** Maps stay maps, so that keys of any kind are told apart. */
const values = ({ documents }: Source): unknown[] =>
  documents.map(document => document.toJS({ mapAsMap: true }));

function set(root: unknown, path: Path, value: string): void {
  const parent = path.slice(0, -1).reduce<unknown>((node, key) => child(node, key), root);
  const last = path.at(-1) as string | number;
  if (parent instanceof Map) parent.set(last, value);
  else if (Array.isArray(parent)) parent[Number(last)] = value;
}

const child = (node: unknown, key: string | number): unknown =>
  node instanceof Map ? node.get(key) : Array.isArray(node) ? node[Number(key)] : undefined;

/** The lines that the splices touch; several on one line are one change. */
function hunks(source: Source, splices: readonly Splice[]): Hunk[] {
  const { text } = source;
  const groups: { start: number; end: number; splices: Splice[] }[] = [];
  for (const each of splices) {
    const start = text.lastIndexOf('\n', each.start - 1) + 1;
    const newline = text.indexOf('\n', each.end);
    const end = newline < 0 ? text.length : newline;
    const last = groups.at(-1);
    if (last && start <= last.end) {
      last.end = Math.max(last.end, end);
      last.splices.push(each);
    } else groups.push({ start, end, splices: [each] });
  }
  return groups.map(group => {
    const part = text.slice(group.start, group.end);
    const moved = group.splices.map(each => ({
      ...each,
      start: each.start - group.start,
      end: each.end - group.start,
    }));
    const clean = (lines: string) => lines.replaceAll('\r', '');
    return { line: source.at(group.start).line ?? 1, before: clean(part), after: clean(apply(part, moved)) };
  });
}

import { type Document, isAlias, isScalar, LineCounter, type Node, parseAllDocuments, visit } from 'yaml';
import { distinct, type Location, UserError, UserErrors } from '../../runner/errors.ts';

/** A YAML text with the way from values to their bytes. Offsets count UTF-16 units, over all documents of the text. */
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
  const at = (offset: number): Location => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  return parseSource({ file, mark, text, at }, lines);
}

/** Reads a text that stands somewhere in a file, where `at` says. @throws UserErrors as `readSource` does */
export function parseSource(given: Omit<Source, 'documents'>, lineCounter = new LineCounter()): Source {
  const { file, text, at } = given;
  // `parseAllDocuments` has a type for streams without any document.
  const documents = [...parse(file, text, lineCounter)] as Document.Parsed[];
  const found = documents.flatMap(document => [
    ...document.errors.map(({ message, pos: [start] }) => {
      const [what = ''] = message.split(' at line ');
      if (/Maximum call stack/.test(what)) return tooDeep(at(start));
      if (/\{\{/.test(lineAround(text, start))) return template(at(start));
      return new UserError(`This is not valid YAML: ${what.replace(/\s+/g, ' ')}`, at(start));
    }),
    ...templates(document, at),
  ]);
  // What else is wrong where a template stands comes from it.
  const isTemplate = ({ message }: UserError) => message === templateMessage;
  const errors = found.some(isTemplate) ? found.filter(isTemplate) : found;
  // Some readers break lines here and the parser does not, so they would not agree on where anything stands.
  const lone = /\r(?!\n)/.exec(text);
  if (lone) {
    errors.push(
      new UserError('A line ends in a lone carriage return: save it with LF or CRLF', at(lone.index)),
    );
  }
  if (errors.length > 0) throw new UserErrors(distinct(errors).sort(byPlace));
  return { ...given, documents };
}

function parse(file: string, text: string, lineCounter: LineCounter) {
  try {
    return parseAllDocuments(text, { lineCounter, logLevel: 'silent' });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw tooDeep({ file });
  }
}

const byPlace = ({ at: one }: UserError, { at: other }: UserError): number =>
  (one?.line ?? 0) - (other?.line ?? 0) || (one?.column ?? 0) - (other?.column ?? 0);

const tooDeep = (at: Location): UserError =>
  new UserError('This is nested too deeply to be read: no manifest is', at);

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
      errors.push(template(at((key as Node | null)?.range?.[0] ?? 0)));
      return visit.SKIP;
    },
  });
  return errors;
}

const templateMessage =
  'This looks like a template ("{{ … }}"), and only plain YAML can be changed safely: name the file that its values come from';
const template = (at: Location): UserError => new UserError(templateMessage, at);

const lineAround = (text: string, offset: number): string =>
  text.slice(lineStart(text, offset), lineEnd(text, offset));

/** Where the line of an offset begins. */
export const lineStart = (text: string, offset: number): number =>
  offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;

/** Where the line of an offset ends, before its CR or LF. */
export function lineEnd(text: string, offset: number): number {
  const newline = text.indexOf('\n', offset);
  if (newline < 0) return text.length;
  return newline > offset && text[newline - 1] === '\r' ? newline - 1 : newline;
}

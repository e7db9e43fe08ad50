import { LineCounter, parseAllDocuments } from 'yaml';
import { type Location, UserError, UserErrors } from '../runner/errors.ts';
import type { Path } from './load.ts';

/** One object of a manifest, with the way back to its place in the file. */
export interface Manifest {
  file: string;
  value(...path: Path): unknown;
  /** Where a value begins; for one that is not there, the nearest thing around it. */
  at(...path: Path): Location;
  /** Where a piece of text stands within a value. */
  within(text: string, ...path: Path): Location;
}

/** @throws UserErrors for a file that is not YAML */
export function readManifests(source: string, file: string): Manifest[] {
  const lines = new LineCounter();
  const location = (offset: number): Location => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const documents = parseAllDocuments(source, { lineCounter: lines });
  const broken = documents.flatMap(({ errors }) => errors);
  if (broken.length > 0) {
    throw new UserErrors(
      broken.map(({ message, pos }) => {
        const [what = ''] = message.split(' at line ');
        return new UserError(`This is not valid YAML: ${what.replace(/\s+/g, ' ')}`, location(pos[0]));
      }),
    );
  }
  return documents.map(document => {
    const range = (path: Path): [number, number] => {
      const node = path.length > 0 ? document.getIn(path, true) : document.contents;
      const found = (node as { range?: [number, number, number] } | null | undefined)?.range;
      if (found) return [found[0], found[1]];
      return path.length > 0 ? range(path.slice(0, -1)) : [0, source.length];
    };
    return {
      file,
      value(...path) {
        const node: unknown = document.getIn(path);
        return (node as { toJS?(within: unknown): unknown } | undefined)?.toJS?.(document) ?? node;
      },
      at: (...path) => location(range(path)[0]),
      within(text, ...path) {
        const [start, end] = range(path);
        const found = source.slice(start, end).indexOf(text);
        return location(start + Math.max(0, found));
      },
    };
  });
}

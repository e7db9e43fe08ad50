import { isScalar, Scalar } from 'yaml';
import { UserError } from '../../runner/errors.ts';
import { findNode } from './slot.ts';
import { lineEnd, type Path, parseSource, type Source } from './source.ts';
import type { Splice } from './splice.ts';

/** The YAML in a literal block (`values: |`), and the way from its text to the file's. */
export interface Block {
  source: Source;
  /** The same change in the text around the block: with its indentation and its line endings. */
  outward(splice: Splice): Splice;
  /** What the block says once its text is another. */
  valueOf(text: string): string;
}

/** @throws UserErrors for what is no literal block, and for what `parseSource` refuses in it, at its place in the file */
export function openBlock(outer: Source, document: number, path: Path): Block {
  const { node, last } = findNode(outer, document, path);
  const place = path.join('.');
  const at = outer.at((isScalar(node) && node.range?.[0]) || last);
  if (!isScalar(node) || !node.range || node.type !== Scalar.BLOCK_LITERAL) {
    throw new UserError(
      `${place} holds YAML and is no literal block: write it as "|" and the text below`,
      at,
    );
  }
  const value = String(node.value);
  const lines = physicalLines(outer.text, node.range[0], node.range[1], value);
  const text = lines.map(({ content, ending }) => content + (ending && '\n')).join('');
  if (stripped(text) !== stripped(value)) {
    throw new UserError(
      `${place} is indented in a way that is not clear: write it as "|" and the text below`,
      at,
    );
  }

  const starts = [0];
  for (const { content } of lines) starts.push((starts.at(-1) ?? 0) + content.length + 1);
  const lineOf = (offset: number) =>
    Math.min(
      starts.findLastIndex(start => start <= offset),
      lines.length,
    );
  const offsetOf = (offset: number): number => {
    const line = lines[lineOf(offset)];
    return line
      ? line.start + line.indent + offset - (starts[lineOf(offset)] ?? 0)
      : (lines.at(-1)?.end ?? 0);
  };
  const isLineStart = (offset: number) => starts.includes(offset);
  const indent = ' '.repeat(Math.max(0, ...lines.map(each => each.indent)));
  const newline = lines.find(({ ending }) => ending)?.ending ?? '\n';

  const source = parseSource({
    file: outer.file,
    mark: '',
    text,
    at: offset => outer.at(offsetOf(offset)),
  });
  return {
    source,
    outward({ start, end, text: part }) {
      // Whole lines go with their indentation.
      const whole = part === '' && start < end && isLineStart(start) && isLineStart(end);
      const first = lines[lineOf(start)];
      const begin = whole && first ? first.start : offsetOf(start);
      const behind = whole ? (lines[lineOf(end)]?.start ?? offsetOf(end)) : offsetOf(end);
      return { start: begin, end: behind, text: part.replaceAll('\n', newline + indent) };
    },
    valueOf: changed => stripped(changed) + value.slice(stripped(value).length),
  };
}

interface Line {
  /** Where it begins in the file, and how many of its blanks are the block's indentation. */
  start: number;
  indent: number;
  content: string;
  ending: string;
  end: number;
}

/** The lines below the block's head, taken apart by the indentation that makes them say `value`. */
function physicalLines(text: string, start: number, end: number, value: string): Line[] {
  const lines: Omit<Line, 'indent'>[] = [];
  let from = text.indexOf('\n', start) + 1;
  while (from > 0 && from < end) {
    const stop = Math.min(lineEnd(text, from), end);
    const ending = /^\r?\n/.exec(text.slice(stop, stop + 2))?.[0] ?? '';
    lines.push({ start: from, content: text.slice(from, stop), ending, end: stop + ending.length });
    from = stop + ending.length;
    if (!ending) break;
  }
  const said = value.split('\n');
  const index = said.findIndex(line => line.trim() !== '');
  const indent = (lines[index]?.content.length ?? 0) - (said[index]?.length ?? 0);
  return lines.map(line => {
    const own = Math.min(indent, /^ */.exec(line.content)?.[0].length ?? 0);
    return { ...line, indent: own, content: line.content.slice(own) };
  });
}

const stripped = (text: string): string => text.replace(/\n+$/, '');

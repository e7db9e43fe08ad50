import { structuredPatch } from 'diff';
import { parse as parseYaml } from 'yaml';
import { deepest, depthOf, parseJson } from '../json.ts';
import { plural } from '../text.ts';
import { editLimit } from './lists.ts';
import { isContainer } from './values.ts';

/** What a text holds that is more than text. */
export interface Content {
  format: 'JSON' | 'YAML';
  /** A list or a map. Scalars of YAML are their texts: `0644` is not the number 644. */
  value: object;
}

/** Reads a text that is the JSON of a list or a map. */
export function jsonOf(text: string): Content | undefined {
  if (!/^\s*[[{]/.test(text) || depthOf(text) > deepest) return undefined;
  return content('JSON', () => parseJson(text));
}

// The parser takes a millisecond for a few dozen lines; beyond this, a comparison of lines has to do.
const longestYaml = 64 * 1024;

/** Reads a text that is the YAML of a list or a map, in several lines. */
export function yamlOf(text: string): Content | undefined {
  const isLikely =
    text.length <= longestYaml &&
    /^(?:[^\S\n]*(?:#.*|---[^\S\n]*)?\n)*(?:- |["']?[\w./-]+["']?:(?:\s|$))/.test(text);
  if (!isLikely || !text.trim().includes('\n')) return undefined;
  return content('YAML', () => {
    const value: unknown = parseYaml(text, { schema: 'failsafe', logLevel: 'error' });
    return depthOf(JSON.stringify(value)) > deepest ? undefined : value;
  });
}

function content(format: Content['format'], read: () => unknown): Content | undefined {
  try {
    const value = read();
    return isContainer(value) ? { format, value } : undefined;
  } catch {
    return undefined; // it only looked like it
  }
}

export interface Line {
  /** `#` says something about the text; a blank is a line of both. */
  mark: '+' | '-' | ' ' | '#';
  text: string;
}

/** The lines in which two texts differ, and two around each. */
export function lineDifferences(before: string, after: string): Line[] {
  const [old, now] = [lines(before), lines(after)];
  const patch = structuredPatch('', '', before, after, '', '', {
    context: 2,
    maxEditLength: editLimit(old.length + now.length),
  });
  const found: Line[] = [];
  const skip = (count: number) => {
    if (count > 0) found.push({ mark: '#', text: `… ${plural(count, 'line')} as before` });
  };
  let next = 1;
  for (const { oldStart, oldLines, lines } of patch?.hunks ?? [tooDifferent(old, now)]) {
    // A hunk without old lines stands behind the line that it names.
    const start = oldLines === 0 ? oldStart + 1 : oldStart;
    skip(start - next);
    for (const line of lines) {
      if (line.startsWith('\\')) found.push({ mark: '#', text: 'without a newline at the end' });
      else found.push({ mark: line[0] as Line['mark'], text: line.slice(1) });
    }
    next = start + oldLines;
  }
  skip(old.length + 1 - next);
  return found;
}

/** The lines of a text; a newline at its end begins no other. */
export const lines = (text: string): string[] => text.replace(/\n$/, '').split('\n');

/** All between the lines with which both begin and those with which both end. */
function tooDifferent(old: string[], now: string[]) {
  let head = 0;
  while (head < old.length && old[head] === now[head]) head++;
  let tail = 0;
  while (tail < Math.min(old.length, now.length) - head && old.at(-1 - tail) === now.at(-1 - tail)) tail++;
  const [gone, come] = [old.slice(head, old.length - tail), now.slice(head, now.length - tail)];
  return {
    oldStart: gone.length === 0 ? head : head + 1,
    oldLines: gone.length,
    lines: [...gone.map(line => `-${line}`), ...come.map(line => `+${line}`)],
  };
}

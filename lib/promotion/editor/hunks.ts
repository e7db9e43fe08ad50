import { lineEnd, lineStart, type Source } from './source.ts';
import { apply, type Splice } from './splice.ts';

/** Some whole lines, before and after; one of the two may be none. */
export interface Hunk {
  line: number;
  before: string[];
  after: string[];
}

/** The lines that the splices touch, and none that stay as they are; several splices on one line are one change. */
export function hunks(source: Source, splices: readonly Splice[]): Hunk[] {
  const { text } = source;
  const groups: { start: number; end: number; splices: Splice[] }[] = [];
  for (const each of splices) {
    const [start, end] = [lineStart(text, each.start), lineEnd(text, each.end)];
    const last = groups.at(-1);
    if (last && start <= last.end) {
      last.end = Math.max(last.end, end);
      last.splices.push(each);
    } else groups.push({ start, end, splices: [each] });
  }
  return groups.flatMap(group => {
    const part = text.slice(group.start, group.end);
    const moved = group.splices.map(each => ({
      ...each,
      start: each.start - group.start,
      end: each.end - group.start,
    }));
    const line = source.at(group.start).line ?? 1;
    return parts(lines(part), lines(apply(part, moved)), line);
  });
}

const lines = (text: string): string[] => text.split('\n').map(line => line.replace(/\r$/, ''));

/** Without the lines that both have at the ends, and line by line where both have as many. */
function parts(before: string[], after: string[], line: number): Hunk[] {
  if (before.length === after.length) {
    return before.flatMap((text, index) =>
      text === after[index] ? [] : [{ line: line + index, before: [text], after: [after[index] ?? ''] }],
    );
  }
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  return [
    {
      line: line + head,
      before: before.slice(head, before.length - tail),
      after: after.slice(head, after.length - tail),
    },
  ];
}

/** `@@ FILE:LINE @@` and the lines with their signs. */
export const shownHunks = (file: string, found: readonly Hunk[]): string[] =>
  found.flatMap(({ line, before, after }) => [
    `@@ ${file}:${line} @@`,
    ...before.map(text => `-${text}`),
    ...after.map(text => `+${text}`),
  ]);

/** A diff as Markdown; no line of it can end the block. */
export function fenced(diff: string): string {
  const fence = '`'.repeat(Math.max(3, ...[...diff.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  return `${fence}diff\n${diff}\n${fence}`;
}

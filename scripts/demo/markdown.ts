import { Marked } from 'marked';
import { markedTerminal } from 'marked-terminal';

// How much of a fold is shown: enough to see what is in it, not so much that nobody reads on.
const shownLines = 8;

/** Markdown as GitHub shows it, as far as a terminal can: folds are opened a little, hidden data is left out. */
export function inTerminal(markdown: string, columns: number): string {
  const visible = markdown
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/<details[^>]*>\s*<summary>([\s\S]*?)<\/summary>([\s\S]*?)<\/details>/g, (_, title, body) =>
      fold(title, body),
    )
    .replace(/<\/?[a-z]+[^>]*>/g, '');
  const marked = new Marked(
    markedTerminal({ width: columns, reflowText: false, tab: 2, showSectionPrefix: false }) as never,
  );
  return (marked.parse(visible) as string).replace(/\n{3,}/g, '\n\n').trim();
}

function fold(title: string, body: string): string {
  const lines = body.trim().split('\n');
  const fence = /^[`~]{3,}/.exec(lines[0] ?? '')?.[0];
  const content = fence ? lines.slice(1, -1) : lines;
  const rest = content.length - shownLines;
  if (rest <= 1) return `\n▾ ${title}\n\n${lines.join('\n')}\n`;
  const head = content.slice(0, shownLines);
  const shown = fence ? [lines[0], ...head, fence] : head;
  return `\n▸ ${title}\n\n${shown.join('\n')}\n\n  … and ${rest} lines more\n`;
}

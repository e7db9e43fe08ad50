import { Marked } from 'marked';
import { markedTerminal } from 'marked-terminal';

// How much of a fold is shown: enough to see what is in it, not so much that nobody reads on.
const shownLines = 8;

/** Markdown as GitHub shows it, as far as a terminal can: folds are opened a little, hidden data is left out. */
export function inTerminal(markdown: string, columns: number): string {
  const visible = opened(markdown.replace(/<!--[\s\S]*?-->/g, '')).replace(/<\/?[a-z]+[^>]*>/g, '');
  const marked = new Marked(
    markedTerminal({ width: columns, reflowText: false, tab: 2, showSectionPrefix: false }) as never,
  );
  return (marked.parse(visible) as string).replace(/\n{3,}/g, '\n\n').trim();
}

/** Every fold as what a terminal shows of it; of one that holds others only its title. */
function opened(markdown: string): string {
  const parts = markdown.split(/^(?=<details)|(?<=^<\/details>)$/m);
  let depth = 0;
  let outer = '';
  let text = '';
  for (const part of parts) {
    if (part.startsWith('<details')) depth++;
    if (depth > 0) outer += part;
    else text += part;
    if (!part.endsWith('</details>') || --depth > 0) continue;
    const [, title = '', body = ''] = /<summary>([\s\S]*?)<\/summary>([\s\S]*)<\/details>$/.exec(outer) ?? [];
    text += body.includes('<details') ? `\n▸ ${title}\n` : fold(title, body);
    outer = '';
  }
  return text + outer;
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

import { Marked } from 'marked';
import { markedTerminal } from 'marked-terminal';

/** Markdown as GitHub shows it, as far as a terminal can: folds are opened, hidden data is left out. */
export function inTerminal(markdown: string, columns: number): string {
  const visible = markdown
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/<summary>([\s\S]*?)<\/summary>/g, '\n▾ $1\n')
    .replace(/<\/?(details|b|sub|sup|br)[^>]*>/g, '');
  const marked = new Marked(
    markedTerminal({ width: columns, reflowText: false, tab: 2, showSectionPrefix: false }) as never,
  );
  return (marked.parse(visible) as string).replace(/\n{3,}/g, '\n\n').trim();
}

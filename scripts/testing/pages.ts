import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const gettingStarted = readFileSync(
  join(import.meta.dirname, '../../docs/getting-started.md'),
  'utf8',
);

/** What stands in the fenced blocks of a language. */
export const blocks = (language: string, text: string): string[] =>
  [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)]
    .filter(match => match[1] === language)
    .map(([, , block = '']) => block);

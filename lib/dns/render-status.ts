import type { Resolved } from './resolve.ts';
import type { HostStatus } from './status.ts';

export type Row = HostStatus & { resolved?: Resolved };

const headings = ['Host', 'Object', 'Record', 'State', 'Resolves to'];

const isGood = ({ state, resolved }: Row): boolean => state === 'as wished' && resolved?.ok !== false;

/** `5 hosts as wished`, or `2 of 5 hosts are not as wished`. */
export function summaryOf(rows: readonly Row[]): string {
  const bad = rows.filter(row => !isGood(row)).length;
  const hosts = `${rows.length} host${rows.length === 1 ? '' : 's'}`;
  return bad === 0 ? `${hosts} as wished` : `${bad} of ${hosts} not as wished`;
}

/** The table of a terminal: one host a line, the good ones marked with a blank and the others with `!`. */
export function statusText(rows: readonly Row[]): string {
  const lines = table(rows);
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map(line => line[column]?.length ?? 0)),
  );
  return lines
    .map((line, index) => {
      const row = rows[index - 1];
      const mark = row === undefined || isGood(row) ? ' ' : '!';
      return `${mark} ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd();
    })
    .join('\n');
}

/** The same table for a page. */
export function statusMarkdown(rows: readonly Row[]): string {
  const [head = '', ...body] = table(rows).map(line => `| ${line.map(inCell).join(' | ')} |`);
  return [head, `|${' --- |'.repeat(table(rows)[0]?.length ?? 0)}`, ...body].join('\n');
}

/** The last column is there when a resolver was asked. */
const table = (rows: readonly Row[]): string[][] => {
  const columns = rows.some(({ resolved }) => resolved) ? headings.length : headings.length - 1;
  return [headings, ...rows.map(cells)].map(line => line.slice(0, columns));
};

const cells = ({ host, objects, records, state, detail, resolved }: Row): string[] => [
  host,
  objects.join(', ') || 'none',
  records.join(', ') || 'none',
  detail === undefined ? state : `${state}: ${detail}`,
  resolved === undefined ? '' : `${resolved.ok ? '' : 'not as wished: '}${resolved.answer}`,
];

/** Text of strangers in a table: no bar or line break ends a cell, and nothing in it is markup. */
const inCell = (text: string): string =>
  text
    .replace(/[\\`*_[\]<>|#~&]/g, '\\$&')
    .replace(/\s+/g, ' ')
    .trim();

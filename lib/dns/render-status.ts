import { count } from './guard.ts';
import { unicode } from './host.ts';
import { aligned } from './render.ts';
import type { Resolved } from './resolve.ts';
import type { HostStatus } from './status.ts';

export type Row = HostStatus & { resolved?: Resolved };

const headings = ['Host', 'Object', 'Record', 'State', 'Resolves to'];

/** What is in no zone of these is left to others, and so is no shortcoming. */
const isGood = ({ state, resolved }: Row): boolean =>
  (state === 'as wished' || state === 'in no zone') && resolved?.ok !== false;

/** `5 hosts as wished`, or `2 of 5 hosts not as wished`; those in no zone are counted apart. */
export function summaryOf(rows: readonly Row[]): string {
  const elsewhere = rows.filter(({ state }) => state === 'in no zone').length;
  const bad = rows.filter(row => !isGood(row)).length;
  const hosts = count(rows.length - elsewhere, 'host');
  const aside = elsewhere > 0 ? `, ${elsewhere} in no zone` : '';
  return `${bad === 0 ? `${hosts} as wished` : `${bad} of ${hosts} not as wished`}${aside}`;
}

/** The table of a terminal: one host a line, the good ones marked with a blank and the others with `!`. */
export const statusText = (rows: readonly Row[]): string =>
  aligned(table(rows))
    .map((line, index) => {
      const row = rows[index - 1];
      return `${row === undefined || isGood(row) ? ' ' : '!'} ${line}`;
    })
    .join('\n');

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
  unicode(host),
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

import type { Line } from './history.ts';

const titles = ['when', 'service', 'from', 'to', 'by', 'how', 'commit'];

/** The lines as a table for a terminal: when, what, by whom, how, and the commit that `--rollback` takes. */
export function table(lines: readonly Line[]): string {
  const rows = [titles, ...lines.map(cells)];
  const widths = titles.map((_, column) => Math.max(...rows.map(row => width(row[column] ?? ''))));
  return rows
    .map(row =>
      row
        .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - width(cell)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function cells({ when, service, from, to, by, pullRequest, run, commit }: Line): string[] {
  const how = [
    pullRequest === null ? '' : `#${pullRequest}`,
    run === null ? '' : `run ${/\/runs\/(\d+)/.exec(run)?.[1] ?? run}`,
  ].filter(Boolean);
  const time = when.replace(/^(\S+)T(\d\d:\d\d):\d\d(.*)$/, '$1 $2 $3').replace(/ (Z|\+00:00)$/, ' UTC');
  return [time, service, from ?? '-', to ?? '-', inert(by), how.join(', ') || 'by hand', commit.slice(0, 10)];
}

/** A name out of a commit moves no cursor. */
const inert = (text: string): string => text.replace(/\p{C}+/gu, ' ').slice(0, 40);

const width = (text: string): number => [...text].length;

import type { Verdict } from './judge.ts';
import type { Probe } from './plan.ts';

/** What was asked, as a row's first words: `GET /orders with made-up X_Auth_…`. */
export function question(probe: Probe): string {
  switch (probe.kind) {
    case 'certificate':
      return 'certificate';
    case 'redirect':
      return 'HTTP to HTTPS';
    case 'open':
      return `${probe.method} ${probe.path}`;
    case 'guarded': {
      const how = { none: 'without a session', headers: 'made-up X-Auth-*', underscores: 'made-up X_Auth_*' };
      return `${probe.method} ${probe.path}, ${how[probe.claims]}`;
    }
  }
}

const byHost = (verdicts: readonly Verdict[]): Verdict[] =>
  [...verdicts].sort((a, b) => a.probe.host.localeCompare(b.probe.host));

/** For a terminal: columns of equal width, a mark in front of what is wrong. */
export function lines(verdicts: readonly Verdict[]): string[] {
  const rows = byHost(verdicts).map(({ probe, words, wrong }) => ({
    mark: wrong ? '✗' : '✓',
    ...{ host: probe.host, asked: question(probe), words },
  }));
  const width = (column: 'host' | 'asked') => Math.max(0, ...rows.map(row => row[column].length));
  const [host, asked] = [width('host'), width('asked')];
  return rows.map(row => `${row.mark} ${row.host.padEnd(host)}  ${row.asked.padEnd(asked)}  ${row.words}`);
}

/** For the page of the run. */
export const table = (environment: string, verdicts: readonly Verdict[]): string =>
  [
    `### ${environment}: what the ingress answers`,
    '',
    '| | Host | Asked | Answer |',
    '| --- | --- | --- | --- |',
    ...byHost(verdicts).map(
      ({ probe, words, wrong }) =>
        `| ${wrong ? '❌' : '✅'} | ${cell(probe.host)} | ${cell(question(probe))} | ${cell(words)} |`,
    ),
  ].join('\n');

// A server chooses some of these words.
const cell = (text: string): string =>
  text.replace(/[\r\n]+/g, ' ').replace(/[\\|<>&*_`[\]]/g, each => `&#${each.charCodeAt(0)};`);

import { cutLines } from '../cut.ts';
import { code, plain } from '../inert.ts';
import type { Judged, Result } from './gate.ts';

/** `ui v1.2.0 waits (soak): healthy in staging since …`, a line a gate that it waits for. */
export const waitingLines = ({ waiting }: Judged): string[] =>
  waiting.flatMap(({ reasons }) =>
    reasons.map(({ service, version, gate, why }) => `${service} ${version} waits (${gate}): ${why}`),
  );

/** `2 of 3 services wait: ui v1.2.0 (soak), product v2.0.0 (freeze, healthy)`; empty when none does. */
export function waitingNotice({ waiting, passed }: Judged): string {
  if (waiting.length === 0) return '';
  const count = waiting.length + passed.length;
  const named = waiting
    .slice(0, 10)
    .map(
      ({ move, version, reasons }) =>
        `${move.pin.service} ${version} (${reasons.map(({ gate }) => gate).join(', ')})`,
    );
  const more = waiting.length > named.length ? ` and ${waiting.length - named.length} more` : '';
  const subject = count === 1 ? 'The one service waits' : `${waiting.length} of ${count} services wait`;
  return `${subject}: ${named.join(', ')}${more}`;
}

/** What went past a gate, for whoever reads the log. */
export const bypassedLines = ({ results }: Judged): string[] =>
  results
    .filter(({ outcome }) => outcome === 'bypassed')
    .map(({ service, version, gate, why }) => `${service} ${version} goes past ${gate}: ${why}`);

/** What a reviewer sees of the gates. */
export interface Shown {
  /** What must not be merged yet; empty where nothing waits. */
  warning: string;
  /** What each gate said of each service; empty where none had anything to say. */
  table: string;
}

/** @param services those that are shown; all unless told */
export function gateMarkdown({ waiting, results }: Judged, services?: readonly string[]): Shown {
  const isShown = (service: string) => services === undefined || services.includes(service);
  const named = waiting
    .filter(({ move }) => isShown(move.pin.service))
    .map(({ move, version }) => `${code(move.pin.service)} ${code(version)}`);
  const shown = named.slice(0, 20).join(', ') + (named.length > 20 ? ` and ${named.length - 20} more` : '');
  return {
    warning: named.length > 0 ? `> [!WARNING]\n> Waits for gates, and is not to be merged yet: ${shown}` : '',
    table: gateTable(results.filter(({ service }) => isShown(service))),
  };
}

// A pull request's body has to hold more than this table.
const limit = 10_000;

/** Where all of it is too long, what waits or was gone past comes first and the rest is counted. */
function gateTable(results: readonly Result[]): string {
  if (results.length === 0) return '';
  const isLong = results.map(row).join('\n').length > limit;
  const sorted = isLong ? results.toSorted((a, b) => weight(a) - weight(b)) : results;
  const { kept, left } = cutLines(sorted.map(row), limit);
  const waiting = sorted.slice(kept.length).filter(({ outcome }) => outcome === 'waits').length;
  return [
    '#### Gates\n\n| service | version | gate | result | why |\n| --- | --- | --- | --- | --- |',
    ...kept,
    ...(left > 0 ? ['', `… and ${left} more, of which ${waiting} wait`] : []),
  ].join('\n');
}

const row = ({ service, version, gate, outcome, why }: Result): string => {
  const result = outcome === 'passed' ? outcome : `**${outcome}**`;
  return `| ${code(service)} | ${code(version)} | ${gate} | ${result} | ${plain(why, 1000)} |`;
};

const weight = ({ outcome }: Result): number => ['waits', 'bypassed', 'passed'].indexOf(outcome);

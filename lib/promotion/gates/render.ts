import type { Judged, Result } from './gate.ts';

/** `ui v1.2.0 is held by soak: healthy in staging since …`, a line a gate that holds. */
export const heldLines = ({ held }: Judged): string[] =>
  held.flatMap(({ reasons }) =>
    reasons.map(({ service, version, gate, why }) => `${service} ${version} is held by ${gate}: ${why}`),
  );

/** `2 of 3 services are held: ui v1.2.0 (soak), product v2.0.0 (freeze, healthy)`; empty when none is. */
export function heldNotice({ held, passed }: Judged): string {
  if (held.length === 0) return '';
  const count = held.length + passed.length;
  const named = held
    .slice(0, 10)
    .map(
      ({ move, version, reasons }) =>
        `${move.pin.service} ${version} (${reasons.map(({ gate }) => gate).join(', ')})`,
    );
  const more = held.length > named.length ? ` and ${held.length - named.length} more` : '';
  const subject = count === 1 ? 'The one service is' : `${held.length} of ${count} services are`;
  return `${subject} held: ${named.join(', ')}${more}`;
}

/** What went past a gate, for whoever reads the log. */
export const bypassedLines = ({ results }: Judged): string[] =>
  results
    .filter(({ outcome }) => outcome === 'bypassed')
    .map(({ service, version, gate, why }) => `${service} ${version} goes past ${gate}: ${why}`);

/** The output `held`: what is held, by which gates, and when it would pass where only time is missing. */
export const heldJson = ({ held }: Judged): string =>
  JSON.stringify(
    held.map(({ move, version, reasons }) => ({
      service: move.pin.service,
      version,
      reasons: reasons.map(({ gate, why, until }) => ({ gate, why, ...(until && { until }) })),
      ...ripe(reasons),
    })),
  );

/** When all that holds it is time: the latest of these. */
function ripe(reasons: readonly Result[]): { until?: Date } {
  const times = reasons.map(({ until }) => until?.getTime());
  const latest = Math.max(...times.map(time => time ?? Number.POSITIVE_INFINITY));
  return Number.isFinite(latest) ? { until: new Date(latest) } : {};
}

/** What a reviewer sees of the gates, part by part: what must not be merged yet, and what each gate said. */
export function gateMarkdown(judged: Judged): string[] {
  if (judged.results.length === 0) return [];
  const held = judged.held.map(({ move, version }) => `${code(move.pin.service)} ${code(version)}`);
  const shown = held.slice(0, 20).join(', ') + (held.length > 20 ? ` and ${held.length - 20} more` : '');
  return [
    ...(held.length > 0 ? [`> [!WARNING]\n> Held by gates, and not to be merged yet: ${shown}`] : []),
    `#### Gates\n\n${gateTable(judged)}`,
  ];
}

// A pull request's body has to hold more than this table.
const limit = 10_000;

/**
 * What each gate said of each service, as Markdown; empty where no gate had anything to say. Where all of it is too long,
 * what holds or was gone past comes first and the rest is counted.
 */
export function gateTable({ results }: Pick<Judged, 'results'>): string {
  if (results.length === 0) return '';
  const whole = results.map(row);
  const long = whole.join('\n').length > limit;
  const sorted = long ? results.toSorted((a, b) => weight(a) - weight(b)) : results;
  let used = 0;
  const rows = sorted.map(row).filter(each => {
    used += each.length + 1;
    return used <= limit;
  });
  const left = results.length - rows.length;
  return [
    '| service | version | gate | result | why |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    ...(left > 0
      ? ['', `… and ${left} more, of which ${sorted.slice(rows.length).filter(isHeld).length} hold`]
      : []),
  ].join('\n');
}

const row = ({ service, version, gate, outcome, why }: Result): string => {
  const result = outcome === 'passed' ? outcome : `**${outcome}**`;
  return `| ${code(service)} | ${code(version)} | ${gate} | ${result} | ${inert(why)} |`;
};

const isHeld = ({ outcome }: Result): boolean => outcome === 'held';
const weight = ({ outcome }: Result): number => ['held', 'bypassed', 'passed'].indexOf(outcome);

const code = (value: string): string => `\`${value.replaceAll('`', "'").replaceAll('|', '\\|')}\``;

/** Others' words: nothing in them is Markdown, ends the table, mentions anybody, or refers to an issue. */
const inert = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_[\]()<>~|]/g, '\\$&')
    // What GitHub turns into a link, it finds in the text as it is shown: an escape would not keep it from that.
    .replace(/[@#]|:\/\/|www\.|GH-/g, '$&\u200b');

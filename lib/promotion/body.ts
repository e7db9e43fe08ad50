import { type Changes, holdLines } from './changes.ts';
import type { Comparison, Comparisons } from './comparisons.ts';
import { cutLines } from './cut.ts';
import { fenced } from './editor/hunks.ts';
import type { Shown } from './gates/render.ts';
import type { Withheld } from './held/withhold.ts';
import { code, inertCode, plain } from './inert.ts';
import type { Move } from './plan.ts';
import { diff, steps, title } from './render.ts';
import type { Asked } from './trailers.ts';

export interface Body extends Changes {
  environment: string;
  /** Where the versions come from: an environment, or undefined for a new image. */
  from: string | undefined;
  /** True for a pull request, whose merge does it. */
  isProposal: boolean;
  withheld: readonly Withheld[];
  kept: readonly string[];
  asked: Asked;
  comparisons: Comparisons;
  gates: Shown;
}

// GitHub takes 65,536 characters; a person's own words before and after want room too, and what gates say.
const room = { table: 12_000, commits: 14_000, notes: 5_000, lines: 12_000 };
const mostCommits = 20;

/** The pull request's body and the run's summary, from the same parts: what decides first, what proves it last. */
export function markdown(body: Body): string {
  const { environment, moves, asked, held, gates } = body;
  const lines = moves.length > 0 || held ? diff({ moves, held }).split('\n') : [];
  const parts = [
    `### ${plain(title(environment, body))}`,
    gates.warning,
    sentence(body),
    moves.length > 0 ? table(body) : '',
    list(holdLines(body).map(each => `${plain(each)} from now on`)),
    commits(body),
    list(notes(body)),
    gates.table,
    lines.length > 0 ? fenced(cut(lines, room.lines)) : '',
    askedLine(asked),
  ];
  return parts.filter(part => part !== '').join('\n\n');
}

function sentence({ environment, from, isProposal, moves, added }: Body): string {
  if (moves.length === 0) return '';
  if (added.some(({ kind }) => kind === 'rejected'))
    return `What ${environment} leaves is rejected: no promotion brings it back until it is released.`;
  if (!from) return `New versions for ${environment}.`;
  const taken = `These versions were taken from the pins of ${from}.`;
  return isProposal ? `${taken} Merging this brings them to ${environment}.` : taken;
}

function table({ moves, comparisons }: Body): string {
  const rows = moves.map(move => `| ${cells(move, comparisons.get(move.pin.service)).join(' | ')} |`);
  return cut(['| service | versions | commits |', '| --- | --- | --- |', ...rows], room.table);
}

function cells({ pin, changes }: Move, comparison: Comparison | undefined): string[] {
  const revision = changes.find(({ what }) => what === 'revision');
  return [
    code(pin.service),
    steps(changes, version => inertCode(version)).join('<br>'),
    comparison && revision
      ? `[${plain(`${revision.from}…${revision.to}`)}](${comparison.compare})${counted(comparison)}`
      : '',
  ];
}

function counted({ between }: Comparison): string {
  if (!between.known) return between.why && ` (${between.why})`;
  const { commits, left, isAll } = between;
  if (commits.length === 0 && left > 0) return ` (back by ${count(left)})`;
  return ` (${isAll ? '' : 'more than '}${count(commits.length)}${left > 0 ? `, without ${left} of the old` : ''})`;
}

const count = (number: number): string => (number === 1 ? '1 commit' : `${number} commits`);

/** A fold a service. Folds that would not fit are left out whole: the table links to what they show. */
function commits({ moves, comparisons }: Body): string {
  let used = 0;
  const folds = moves.flatMap(({ pin: { service } }) => {
    const comparison = comparisons.get(service);
    if (!comparison?.between.known || comparison.between.commits.length === 0) return [];
    const shown = comparison.between.commits.slice(0, mostCommits).map(({ sha, headline, author }) => {
      const link = `[${code(sha.slice(0, 7))}](${comparison.repository}/commit/${sha})`;
      return `- ${link} ${inertCode(headline)}${author ? ` ${inertCode(author, 40)}` : ''}`;
    });
    const rest = comparison.between.commits.length - shown.length;
    const more = rest > 0 ? [`- [… and ${rest} more](${comparison.compare})`] : [];
    const summary = `<details><summary>${service}: ${count(comparison.between.commits.length)}</summary>`;
    const fold = [summary, '', ...shown, ...more, '', '</details>'].join('\n');
    used += fold.length + 2;
    return used <= room.commits ? [fold] : [];
  });
  return folds.join('\n\n');
}

const notes = ({ withheld, kept }: Body): string[] => [
  ...withheld.map(({ reason }) => `stays: ${inertCode(reason, 400)}`),
  ...kept.map(
    service =>
      `left as a person set it on this branch: ${code(service)}; to hand it back, revert that commit or delete the branch`,
  ),
];

const list = (lines: readonly string[]): string =>
  cut(
    lines.map(each => `- ${each}`),
    room.notes,
  );

const askedLine = ({ by, run }: Asked): string =>
  [by && `Asked for by ${inertCode(by)}`, run && `[the run](${run})`].filter(Boolean).join(' · ');

function cut(lines: readonly string[], most: number): string {
  const { kept, left } = cutLines(lines, most);
  return [...kept, ...(left > 0 ? [`… and ${left} more lines`] : [])].join('\n');
}

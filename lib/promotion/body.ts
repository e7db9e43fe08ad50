import type { Way, Ways } from './commits.ts';
import { type Changes, holdLines } from './draft.ts';
import { fenced } from './editor/hunks.ts';
import type { Withheld } from './held/withhold.ts';
import { code, inertCode, plain } from './inert.ts';
import type { Move } from './plan.ts';
import { diff, title } from './render.ts';
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
  ways: Ways;
}

// GitHub takes 65,536 characters; a person's own words before and after want room too, and what gates say.
const room = { table: 12_000, commits: 16_000, notes: 6_000, lines: 14_000 };
const mostCommits = 20;

/** The pull request's body and the run's summary, from the same parts. */
export function markdown(body: Body): string {
  const { environment, moves, asked } = body;
  const holds = holdLines(body);
  const parts = [
    `### ${title(environment, body)}`,
    sentence(body),
    moves.length > 0 ? table(body) : '',
    holds.length > 0 ? list(holds.map(each => `${plain(each)} from now on`)) : '',
    commits(body),
    notes(body),
    moves.length > 0 ? fenced(cut(diff({ moves }).split('\n'), room.lines)) : '',
    askedLine(asked),
  ];
  return parts.filter(part => part !== '').join('\n\n');
}

function sentence({ environment, from, isProposal, moves, added }: Body): string {
  if (moves.length === 0) return '';
  const back = added.some(({ kind }) => kind === 'rejected');
  if (back)
    return `What ${environment} leaves is rejected: no promotion brings it back until it is released.`;
  if (!from) return `New versions for ${environment}.`;
  return isProposal
    ? `These versions run in ${from}. Merging this brings them to ${environment}.`
    : `These versions come from ${from}.`;
}

function table({ moves, ways }: Body): string {
  const rows = moves.map(move => `| ${cells(move, ways.get(move.pin.service)).join(' | ')} |`);
  return cut(['| service | versions | commits |', '| --- | --- | --- |', ...rows], room.table);
}

function cells({ pin, changes }: Move, way: Way | undefined): string[] {
  const revision = changes.find(({ what }) => what === 'revision');
  return [
    code(pin.service),
    changes.map(({ what, from, to }) => `${what} ${code(from)} → ${code(to)}`).join('<br>'),
    way && revision ? `[${plain(`${revision.from}…${revision.to}`)}](${way.compare})${counted(way)}` : '',
  ];
}

function counted({ between }: Way): string {
  if (!between.known) return between.why && ` (${between.why})`;
  const { commits, left, isAll } = between;
  if (commits.length === 0 && left > 0) return ` (back by ${count(left)})`;
  return ` (${isAll ? '' : 'more than '}${count(commits.length)}${left > 0 ? `, without ${left} of the old` : ''})`;
}

const count = (number: number): string => (number === 1 ? '1 commit' : `${number} commits`);

/** A fold a service. Folds that would not fit are left out whole: the table links to what they show. */
function commits({ moves, ways }: Body): string {
  let used = 0;
  const folds = moves.flatMap(({ pin: { service } }) => {
    const way = ways.get(service);
    if (!way?.between.known || way.between.commits.length === 0) return [];
    const shown = way.between.commits.slice(0, mostCommits).map(({ sha, headline, author }) => {
      const link = `[${code(sha.slice(0, 7))}](${way.repository}/commit/${sha})`;
      return `- ${link} ${inertCode(headline)}${author ? ` ${inertCode(author, 40)}` : ''}`;
    });
    const rest = way.between.commits.length - shown.length;
    const more = rest > 0 ? [`- [… and ${rest} more](${way.compare})`] : [];
    const summary = `<details><summary>${service}: ${count(way.between.commits.length)}</summary>`;
    const fold = [summary, '', ...shown, ...more, '', '</details>'].join('\n');
    used += fold.length + 2;
    return used <= room.commits ? [fold] : [];
  });
  return folds.join('\n\n');
}

function notes({ withheld, kept }: Body): string {
  const lines = [
    ...withheld.map(({ reason }) => `held back: ${inertCode(reason, 400)}`),
    ...kept.map(
      service =>
        `left as a person set it on this branch: ${code(service)}; to hand it back, revert that commit or delete the branch`,
    ),
  ];
  return lines.length === 0
    ? ''
    : cut(
        lines.map(each => `- ${each}`),
        room.notes,
      );
}

const list = (lines: readonly string[]): string =>
  cut(
    lines.map(each => `- ${each}`),
    room.notes,
  );

const askedLine = ({ by, run }: Asked): string =>
  [by && `Asked for by ${inertCode(by)}`, run && `[the run](${run})`].filter(Boolean).join(' · ');

function cut(lines: readonly string[], most: number): string {
  let used = 0;
  const kept = lines.filter(each => {
    used += each.length + 1;
    return used <= most;
  });
  const left = lines.length - kept.length;
  return [...kept, ...(left > 0 ? [`… and ${left} more lines`] : [])].join('\n');
}

import type { File } from '../github/files.ts';
import { type Edited, edit } from './editor/edit.ts';
import { fenced, shownHunks } from './editor/hunks.ts';
import type { Move } from './plan.ts';

/** The file that a move makes, with the lines that it changes. */
export interface Written {
  file: File;
  hunks: Edited['hunks'];
}

/** Makes the new files, in memory. @throws UserError for what cannot be edited safely */
export const write = ({ pin, changes }: Move): Written => {
  const edits = changes.map(({ path, after }) => ({ document: pin.document, path, value: after }));
  const { bytes, hunks } = edit(pin.file, pin.bytes, edits);
  return { file: { path: pin.file, bytes }, hunks };
};

/** `product v1.0.0 → v1.1.0 (image, revision)` */
export function line({ pin, changes }: Move): string {
  const groups = Map.groupBy(changes, ({ from, to }) => `${from} → ${to}`);
  const parts = [...groups].map(
    ([step, group]) => `${step} (${[...new Set(group.map(each => each.what))].join(', ')})`,
  );
  return `${pin.service} ${parts.join(', ')}`;
}

/** What changes, for a terminal or a log: a line a service, then the lines of the files. */
export const text = (moves: readonly Move[]): string => [...moves.map(line), '', diff(moves)].join('\n');

/** The changed lines, file by file. */
export function diff(moves: readonly Move[]): string {
  return moves
    .flatMap(move => {
      const { file, hunks } = write(move);
      return shownHunks(file.path, hunks);
    })
    .join('\n');
}

/** `Promote product to production: v1.0.0 → v1.1.0` */
export function title(environment: string, moves: readonly Move[]): string {
  const [first, ...others] = moves;
  if (!first) return `Promote nothing to ${environment}`;
  if (others.length > 0) return `Promote ${moves.length} services to ${environment}`;
  const { from, to } = first.changes[0] ?? { from: '', to: '' };
  return `Promote ${first.pin.service} to ${environment}: ${from} → ${to}`;
}

// GitHub takes 65,536 characters; a person's own words before and after want room too.
const limit = 50_000;

/**
 * The pull request's body and the run's summary: a row a service with the way to what lies between, and the lines.
 * @param from where the versions come from: an environment, or undefined for a new image
 * @param repositories the address of each service's repository
 */
export function markdown(
  environment: string,
  from: string | undefined,
  moves: readonly Move[],
  repositories: Readonly<Record<string, string>>,
): string {
  const head = `### ${title(environment, moves)}\n\n${
    from
      ? `These versions run in ${from}. Merging this brings them to ${environment}.`
      : `New versions for ${environment}.`
  }\n`;
  const rows = moves.map(move => `| ${cells(move, repositories).join(' | ')} |`);
  const table = cut(['| service | versions | commits |', '| --- | --- | --- |', ...rows], limit / 2);
  const lines = diff(moves);
  return `${head}\n${table}\n\n${fenced(cut(lines.split('\n'), limit / 2))}`;
}

function cells({ pin, changes }: Move, repositories: Readonly<Record<string, string>>): string[] {
  const repository = repositories[pin.service];
  const revision = changes.find(({ what }) => what === 'revision');
  const between =
    repository && revision && `${repository}/compare/${range(revision.before)}...${range(revision.after)}`;
  return [
    code(pin.service),
    changes.map(({ what, from, to }) => `${what} ${code(from)} → ${code(to)}`).join('<br>'),
    between ? `[${plain(`${revision.from}…${revision.to}`)}](${between})` : '',
  ];
}

const range = (revision: string): string => revision.split('/').map(encodeURIComponent).join('/');

/** Nothing in it mentions anybody, closes an issue, or ends the table. */
const code = (value: string): string => `\`${value.replaceAll('`', "'").replaceAll('|', '\\|')}\``;
const plain = (value: string): string => value.replace(/[\\`*_[\]()<>#@|]/g, '\\$&');

function cut(lines: readonly string[], room: number): string {
  let used = 0;
  const kept = lines.filter(each => {
    used += each.length + 1;
    return used <= room;
  });
  const left = lines.length - kept.length;
  return [...kept, ...(left > 0 ? [`… and ${left} more lines`] : [])].join('\n');
}

import type { File } from '../github/files.ts';
import { type Changes, type Draft, holdLines } from './draft.ts';
import { type Edited, edit } from './editor/edit.ts';
import { shownHunks } from './editor/hunks.ts';
import type { Hold } from './held/file.ts';
import type { Move } from './plan.ts';

/** The file that a move makes, with the lines that it changes. */
export interface Written {
  file: File;
  hunks: Edited['hunks'];
}

// Asked for the log, the body and the commit.
const known = new WeakMap<Move, Written>();

/** Makes the new files, in memory. @throws UserError for what cannot be edited safely */
export function write(move: Move): Written {
  const { pin, changes } = move;
  const found = known.get(move);
  if (found) return found;
  const edits = changes.map(({ path, after }) => ({ document: pin.document, path, value: after }));
  const { bytes, hunks } = edit(pin.file, pin.bytes, edits);
  const written = { file: { path: pin.file, bytes }, hunks };
  known.set(move, written);
  return written;
}

/** `product v1.0.0 → v1.1.0 (image, revision)` */
export function line({ pin, changes }: Move): string {
  const groups = Map.groupBy(changes, ({ from, to }) => `${from} → ${to}`);
  const parts = [...groups].map(
    ([step, group]) => `${step} (${[...new Set(group.map(each => each.what))].join(', ')})`,
  );
  return `${pin.service} ${parts.join(', ')}`;
}

/** What changes, for a terminal or a log: a line a service, then the lines of the files. */
export const text = (draft: Draft): string =>
  [...draft.moves.map(line), ...holdLines(draft), '', diff(draft)].join('\n');

/** The changed lines, file by file. */
export function diff({ moves, held }: Pick<Draft, 'moves' | 'held'>): string {
  const lines = moves.flatMap(move => {
    const { file, hunks } = write(move);
    return shownHunks(file.path, hunks);
  });
  return [...lines, ...(held ? shownHunks(held.held.file, held.hunks) : [])].join('\n');
}

/** `Promote product to production: v1.0.0 → v1.1.0`; what rejects what it leaves is a rollback. */
export function title(environment: string, { moves, added, dropped }: Changes): string {
  const [first, ...others] = moves;
  if (!first) return holdTitle(environment, added, dropped);
  const isBack = added.some(({ kind }) => kind === 'rejected');
  const what = others.length > 0 ? `${moves.length} services` : first.pin.service;
  const head = isBack ? `Roll back ${what} in ${environment}` : `Promote ${what} to ${environment}`;
  const { from, to } = first.changes[0] ?? { from: '', to: '' };
  return others.length > 0 ? head : `${head}: ${from} → ${to}`;
}

/** `Pause ui in production` */
function holdTitle(environment: string, added: readonly Hold[], dropped: readonly Hold[]): string {
  const verbs = [
    ...added.map(({ kind, service }) => `${kind === 'paused' ? 'Pause' : 'Reject'} ${service}`),
    ...dropped.map(({ kind, service }) => `${kind === 'paused' ? 'Resume' : 'Release'} ${service}`),
  ];
  const [first, ...others] = [...new Set(verbs)];
  if (!first) return `Promote nothing to ${environment}`;
  return others.length > 0 ? `Change what is held in ${environment}` : `${first} in ${environment}`;
}

import { type Changes, holdLines } from './changes.ts';
import type { Draft } from './draft.ts';
import { editMove } from './edit-move.ts';
import { shownHunks } from './editor/hunks.ts';
import type { Hold } from './held/file.ts';
import { inert } from './inert.ts';
import type { Change, Move } from './plan.ts';

/** `product v1.0.0 → v1.1.0 (image, revision)` */
export const line = ({ pin, changes }: Move): string => inert(`${pin.service} ${steps(changes).join(', ')}`);

/** `v1.0.0 → v1.1.0 (image, revision)`, once for all that go the same way. */
export function steps(
  changes: readonly Change[],
  shown: (version: string) => string = each => each,
): string[] {
  const groups = Map.groupBy(changes, ({ from, to }) => `${shown(from)} → ${shown(to)}`);
  return [...groups].map(
    ([step, group]) => `${step} (${[...new Set(group.map(each => each.what))].join(', ')})`,
  );
}

/** What changes, for a terminal or a log: a line a service, then the lines of the files. */
export const text = (draft: Draft): string =>
  [...draft.moves.map(line), ...holdLines(draft), '', diff(draft)].join('\n');

/** The changed lines, file by file. */
export function diff({ moves, held }: Pick<Changes, 'moves' | 'held'>): string {
  const lines = moves.flatMap(move => {
    const { file, hunks } = editMove(move);
    return shownHunks(file.path, hunks);
  });
  return [...lines, ...(held ? shownHunks(held.held.file, held.hunks) : [])].join('\n');
}

/** `Promote product to production: v1.0.0 → v1.1.0`; what rejects what it leaves is a rollback. GitHub takes 256 characters. */
export function title(environment: string, { moves, added, dropped }: Changes): string {
  const [first, ...others] = moves;
  if (!first) return holdTitle(environment, added, dropped);
  const isBack = added.some(({ kind }) => kind === 'rejected');
  const what = others.length > 0 ? `${moves.length} services` : first.pin.service;
  const head = isBack ? `Roll back ${what} in ${environment}` : `Promote ${what} to ${environment}`;
  const { from, to } = first.changes[0] ?? { from: '', to: '' };
  return others.length > 0 ? head : inert(`${head}: ${from} → ${to}`, 250);
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

import { tryAll, UserError, UserErrors } from '../../runner/errors.ts';
import { type Edited, editSource } from '../editor/edit.ts';
import { readSource } from '../editor/source.ts';
import { type Matched, match, unmet } from './match.ts';
import type { Wishes } from './wishes.ts';

/**
 * Makes the files say what is wished, in memory.
 * @returns the files as they were given, with what they become
 * @throws UserErrors for everything that is wrong with any of them
 */
export function planFiles<F extends { path: string; bytes: Uint8Array }>(
  files: readonly F[],
  wishes: Wishes,
): { was: F; edited: Edited }[] {
  const matched = new Map<string, Matched>();
  const { results, errors } = tryAll(files, was => {
    const source = readSource(was.path, was.bytes);
    const found = match(source, wishes);
    matched.set(was.path, found);
    const edits = tryAll([found.edits], each => editSource(source, each));
    const wrong = [...found.errors, ...edits.errors];
    if (wrong.length > 0) throw new UserErrors(wrong);
    return edits.results.map(edited => ({ was, edited }));
  });
  // Names are missed only where every file could be read: else each of them might be in the one that could not.
  const wrong = matched.size === files.length ? [...errors, ...missed(matched, wishes)] : errors;
  if (wrong.length > 0) throw new UserErrors(wrong);
  return results.flat();
}

/** A wish that no file is about, and a file that no wish is about, are somebody's slip. */
function missed(matched: ReadonlyMap<string, Matched>, { images, revisions, helm }: Wishes): UserError[] {
  const all = [...matched.values()];
  const wishes = [
    ...images.map(({ said, name }) => ({ said, name })),
    ...revisions.map(({ said, source }) => ({ said, name: source })),
  ];
  const nowhere = wishes.filter(({ said }) => !all.some(({ met }) => met.has(said)));
  const [first] = matched.keys();
  const names = all.flatMap(each => each.names);
  const file = matched.size === 1 && first !== undefined ? { file: first } : undefined;
  if (nowhere.length > 0)
    return nowhere.map(
      ({ said, name }) =>
        new UserError(unmet(said, name, names, name === undefined ? undefined : helm.get(name)), file),
    );
  return [...matched].flatMap(([path, { met, names: own }]) => {
    if (met.size > 0) return [];
    const hint =
      own.length > 0
        ? `it has ${own.slice(0, 9).join(', ')}`
        : 'for Helm values, say where they stand with helm';
    return [
      new UserError(
        `Nothing of what is given stands in this file: leave it out, or see the names (${hint})`,
        { file: path },
      ),
    ];
  });
}

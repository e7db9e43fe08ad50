import { closest } from '../../platform/closest.ts';
import { tryAll, UserError } from '../../runner/errors.ts';
import type { Edit } from '../editor/edit.ts';
import type { Source } from '../editor/source.ts';
import { normalise, sameRepository } from '../reference.ts';
import type { ImagePlace, RevisionPlace } from './formats/place.ts';
import { placesIn } from './formats/places.ts';
import { type HelmMap, helmPathText } from './helm-map.ts';
import type { ImageWish, RevisionWish, Wishes } from './wishes.ts';

/** What it takes for a file to say what is wished. */
export interface Matched {
  edits: Edit[];
  /** What stands in the file and cannot be moved. */
  errors: UserError[];
  /** The wishes that this file is about, by what was said. */
  met: ReadonlySet<string>;
  /** What it has, to tell those who have looked for something else. */
  names: string[];
}

export function match(source: Source, wishes: Wishes): Matched {
  const places = placesIn(source, wishes);
  const met = new Set<string>();
  const meet = (said: string, found: readonly unknown[]) => void (found.length > 0 && met.add(said));
  const work = [
    ...wishes.images.flatMap(wish => {
      const found = imagesMeant(wish, places.images);
      meet(wish.said, found);
      return found.map(place => () => place.set(wish));
    }),
    ...wishes.revisions.map(wish => {
      const found =
        wish.source === undefined ? places.revisions : places.revisions.filter(isNamed(wish.source));
      meet(wish.said, found);
      return () => revisionEdits(wish, found);
    }),
  ];
  const { results, errors } = tryAll(work, each => each());
  const names = [
    ...places.images.map(({ name }) => name),
    ...places.revisions.flatMap(({ names }) => names.slice(0, 1)),
  ];
  return { edits: results.flat(), errors, met, names: [...new Set(names)] };
}

/** Those with this very name; else those that come to the same repository; else those that are at the goal already. */
function imagesMeant(wish: ImageWish, places: readonly ImagePlace[]): ImagePlace[] {
  const { name, repository, tag, digest } = wish;
  const named = places.filter(place => place.name === name);
  if (named.length > 0) return named;
  const same = places.filter(({ reference }) => reference && sameRepository(reference.repository, name));
  if (same.length > 0) return same;
  return places.filter(
    ({ reference }) =>
      reference &&
      repository !== undefined &&
      sameRepository(reference.repository, repository) &&
      reference.tag === tag &&
      reference.digest === digest,
  );
}

const isNamed =
  (wanted: string) =>
  ({ names }: RevisionPlace): boolean =>
    names.some(name => address(name) === address(wanted));

/** Repositories are the same with and without `.git`. */
const address = (name: string): string => name.replace(/(\.git)?\/*$/, '');

function revisionEdits({ source, revision }: RevisionWish, found: readonly RevisionPlace[]): Edit[] {
  const [first, second] = found;
  if (source === undefined && first && second) {
    const choice = found.map(({ names: [name] }) => name).filter(name => name !== undefined);
    throw new UserError(
      `There are several sources: say which one the revision is of, ${choice.map(name => `${name}=${revision}`).join(' or ')}`,
      second.at,
    );
  }
  return found.flatMap(place => place.set(revision));
}

/**
 * One sentence for whoever has looked for a name that is not there.
 * @param name none for the revision of the only source
 * @param told where it was said to stand in Helm values, if it was
 */
export function unmet(
  said: string,
  name: string | undefined,
  names: readonly string[],
  told?: HelmMap,
): string {
  if (name === undefined) {
    return `There is no Application here, so nothing has a revision (${said}): leave revision out, or name the file with the Application`;
  }
  if (told) {
    const paths = Object.values(told).map(helmPathText).join(', ');
    return `Nothing here stands at ${paths}, where "${name}" was said to be (${said}): see the path in helm`;
  }
  const hint = closest(name, names) ?? names.find(known => normalise(known).endsWith(`/${name}`));
  if (hint) return `Nothing here is called "${name}" (${said}): did you mean "${hint}"?`;
  const known =
    names.length > 0
      ? `it has ${names.slice(0, 9).join(', ')}`
      : 'it names no image; for Helm values, say where it stands with helm';
  return `Nothing here is called "${name}" (${said}): ${known}`;
}

import { UserError } from '../runner/errors.ts';
import type { Path } from './editor/source.ts';
import type { Image, Pin } from './pin.ts';
import { normalise, type Reference, version, writeReference } from './reference.ts';

/** One value that goes to another version. */
export interface Change {
  path: Path;
  /** The values as they stand in the file. */
  before: string;
  after: string;
  /** The versions as people say them. */
  what: 'image' | 'revision';
  from: string;
  to: string;
}

/** All that changes in one pin; there is at least one change. */
export interface Move {
  pin: Pin;
  changes: Change[];
}

export interface Plan {
  moves: Move[];
  /** Services that the source has a pin for and the target has not. */
  missing: string[];
  /** Images that a source's pin has an entry for and the target's has not, so that nothing sets their version there. */
  unset: { service: string; image: string }[];
}

/** What it takes for the target's pins to stand where the source's do. */
export function takeOver(source: readonly Pin[], target: readonly Pin[]): Plan {
  const missing: string[] = [];
  const unset: Plan['unset'] = [];
  const moves = source.flatMap(from => {
    const pin = target.find(({ service }) => service === from.service);
    if (!pin) {
      missing.push(from.service);
      return [];
    }
    const names = from.images
      .map(({ name }) => name)
      .filter(name => pin.images.every(own => own.name !== name));
    unset.push(...names.map(image => ({ service: from.service, image })));
    return move(pin, from.revision.text, image => counterpart(image, pin, from));
  });
  return { moves, missing, unset };
}

/** The target keeps its own entries: one that the source does not have is an environment's own affair. */
function counterpart(image: Image, target: Pin, source: Pin): Reference {
  const other = source.images.find(({ name }) => name === image.name);
  if (!other) return image.reference;
  if (normalise(other.reference.repository) === normalise(image.reference.repository)) return other.reference;
  throw new UserError(
    `"${image.name}" comes from ${image.reference.repository} here and from ${other.reference.repository} in ${source.file}: give ${target.service} the same repository in both`,
    image.at,
  );
}

/**
 * What it takes to bring one pin to a version.
 * @throws UserError when it has no entry for that image
 */
export function set(pin: Pin, wish: { image?: Reference | undefined; revision?: string | undefined }): Plan {
  const { image: wanted } = wish;
  const isMeant = ({ reference }: Image) =>
    wanted !== undefined && normalise(reference.repository) === normalise(wanted.repository);
  if (wanted && !pin.images.some(isMeant)) {
    throw new UserError(
      `There is no entry for ${wanted.repository} in spec.source.kustomize.images: add "${wanted.repository}:TAG", then it can be moved`,
      pin.revision.at,
    );
  }
  const moves = move(pin, wish.revision ?? pin.revision.text, image =>
    wanted && isMeant(image) ? { ...wanted, repository: image.reference.repository } : image.reference,
  );
  return { moves, missing: [], unset: [] };
}

function move(pin: Pin, revision: string, reference: (image: Image) => Reference): Move[] {
  const changes: Change[] = pin.images.map(image => {
    const wanted = reference(image);
    const [from, to] = versions(image.reference, wanted);
    return {
      what: 'image',
      path: image.path,
      before: image.text,
      after: image.prefix + writeReference(wanted),
      from,
      to,
    };
  });
  const { text: before, path } = pin.revision;
  changes.push({ what: 'revision', path, before, after: revision, from: short(before), to: short(revision) });
  const real = changes.filter(change => change.before !== change.after);
  return real.length > 0 ? [{ pin, changes: real }] : [];
}

/** The tags; where they are the same, what tells the two apart. */
function versions(before: Reference, after: Reference): [string, string] {
  const shown: [string, string] = [version(before), version(after)];
  if (shown[0] !== shown[1]) return shown;
  const digest = (reference: Reference) =>
    version({ repository: '', ...(reference.digest && { digest: reference.digest }) });
  return [digest(before) || shown[0], digest(after) || shown[1]];
}

/** A commit in seven digits; tags and branches as they are. */
export const short = (revision: string): string =>
  /^[0-9a-f]{40}$/.test(revision) ? revision.slice(0, 7) : revision;

import { parse } from 'yaml';
import { forAll, UserError } from '../../runner/errors.ts';
import { parseReference, parseVersion, type Reference } from '../reference.ts';
import { checkRevision } from '../revision.ts';
import { type HelmMap, parseHelmMap } from './helm-map.ts';

/** What somebody wants a file to say. */
export interface ImageWish {
  /** As it was given, for messages. */
  said: string;
  /** What the file calls the image. */
  name: string;
  /** Without one the repository stays as it is. */
  repository: string | undefined;
  tag: string | undefined;
  digest: string | undefined;
}

export interface RevisionWish {
  said: string;
  /** The repository, chart, name or ref of the source that is meant; undefined for the only one. */
  source: string | undefined;
  revision: string;
}

export interface Wishes {
  images: ImageWish[];
  revisions: RevisionWish[];
  /** Where Helm values hold an image, by the image's name. */
  helm: ReadonlyMap<string, HelmMap>;
}

/** The inputs as they are given: one wish a line. */
export interface Wanted {
  image?: string | undefined;
  revision?: string | undefined;
  helm?: string | undefined;
}

/** @throws UserErrors for all that is no wish, or too much of one */
export function readWishes({ image, revision, helm }: Wanted): Wishes {
  const [images = [], revisions = [], maps = new Map()] = forAll(
    [
      () => forAll(linesOf(image), readImage),
      () => forAll(linesOf(revision), readRevision),
      () => readHelm(helm),
    ] as const,
    read => read(),
  ) as [ImageWish[], RevisionWish[], Map<string, HelmMap>];
  const names = [
    ...images.map(({ name }) => `image ${name}`),
    ...revisions.map(({ source }) => `revision of ${source ?? 'the only source'}`),
  ];
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice) throw new UserError(`The ${twice} is given twice: leave one of the two out`);
  if (names.length === 0) {
    throw new UserError(
      'Nothing is given that the files should say: give the input image (NAME=REPOSITORY:TAG) or revision',
    );
  }
  const unused = [...maps.keys()].find(name => !images.some(each => each.name === name));
  if (unused) {
    throw new UserError(
      `The input helm says where "${unused}" stands, and no image of that name is given: give --image ${unused}=…`,
    );
  }
  return { images, revisions, helm: maps };
}

export const linesOf = (text = ''): string[] =>
  text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '');

/** `[NAME=]REPOSITORY[:TAG][@DIGEST]`, or `NAME=:TAG`, `NAME=@DIGEST` where the repository stays. */
function readImage(said: string): ImageWish {
  const [, name = '', rest = ''] = /^(?:([^=]*)=)?(.*)$/.exec(said) ?? [];
  const found: Partial<Reference> | undefined =
    parseReference(rest) ?? (name ? parseVersion(rest) : undefined);
  if (found?.tag === 'latest') {
    throw new UserError(`"${said}" moves: give the tag, or the digest, that "latest" stands for now`);
  }
  if (!found || (found.tag === undefined && found.digest === undefined)) {
    const [, digits] = /@sha256:(.*)$/.exec(rest) ?? [];
    throw new UserError(
      digits === undefined || /^[0-9a-f]{64}$/.test(digits)
        ? `"${said}" names no version of an image: write NAME=REPOSITORY:TAG, NAME=REPOSITORY@sha256:… or both, or NAME=:TAG where its repository stays`
        : `"${said}" has no whole digest: write all 64 digits of sha256, 0 to 9 and a to f, as the registry gives them (here are ${digits.length})`,
    );
  }
  const { repository, tag, digest } = found;
  return { said, name: name || (repository ?? ''), repository, tag, digest };
}

/** `[SOURCE=]REVISION` */
function readRevision(said: string): RevisionWish {
  const split = said.lastIndexOf('=');
  const revision = checkRevision(said.slice(split + 1));
  return { said, source: split > 0 ? said.slice(0, split) : undefined, revision };
}

function readHelm(text = ''): Map<string, HelmMap> {
  if (text.trim() === '') return new Map();
  let given: unknown;
  try {
    given = parse(text);
  } catch {
    given = undefined;
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new UserError(
      'The input helm is no list of names: write a line an image, such as "ui: image" or "ui: { tag: ui.tag }"',
    );
  }
  return new Map(
    forAll(Object.entries(given), ([name, value]) => [name, parseHelmMap(name, value)] as const),
  );
}

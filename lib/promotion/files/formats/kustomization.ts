import { isSeq } from 'yaml';
import { UserError } from '../../../runner/errors.ts';
import type { Edit } from '../../editor/edit.ts';
import { readText, see } from '../../editor/slot.ts';
import type { Path, Source } from '../../editor/source.ts';
import { type Reference, sameRepository } from '../../reference.ts';
import type { ImageWish } from '../wishes.ts';
import type { ImagePlace, Places } from './place.ts';

/** The names by which kustomize finds its file. https://kubectl.docs.kubernetes.io/references/kustomize/glossary/#kustomization */
export const kustomizationNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/**
 * The entries of `images:`. With `newTag` alone kustomize drops the digest that stands in the manifests, with `digest`
 * alone the tag, and with both it writes `:tag@digest`.
 * https://github.com/kubernetes-sigs/kustomize/blob/master/api/filters/imagetag/updater.go
 */
export function kustomizationPlaces(source: Source, document: number): Places {
  const list = see(source, document, ['images']);
  const entries = isSeq(list) ? list.items.map((_, index) => entry(source, document, ['images', index])) : [];
  const found = entries.filter(each => each !== undefined);
  return { images: found.map(each => refuseTwice(each, found)), revisions: [] };
}

/** kustomize applies both and the last one wins: whoever wrote two has not meant that. */
export function refuseTwice(place: ImagePlace, all: readonly ImagePlace[]): ImagePlace {
  const first = all.find(({ name }) => name === place.name);
  if (first === undefined || first === place) return place;
  return {
    ...place,
    set() {
      throw new UserError(`"${place.name}" has an entry already: delete one of the two`, place.at);
    },
  };
}

function entry(source: Source, document: number, path: Path): ImagePlace | undefined {
  const field = (key: string) => readText(source, document, [...path, key]);
  const name = field('name');
  if (!name) return undefined;
  const [newTag, digest] = [field('newTag') || undefined, field('digest') || undefined];
  const reference: Reference = {
    repository: field('newName') || name,
    ...(newTag && { tag: newTag }),
    ...(digest && { digest }),
  };
  const at = source.at(see(source, document, path)?.range?.[0] ?? 0);
  return {
    name,
    reference,
    at,
    set(wish) {
      if (field('tagSuffix') && !newTag && !digest) {
        throw new UserError(
          `"${name}" has a tagSuffix, which counts for nothing next to a newTag: delete it first`,
          at,
        );
      }
      const edits = [...repository(reference, wish), ...version(reference, wish)];
      return edits.map(({ path: [key = ''], ...rest }) => ({ document, path: [...path, key], ...rest }));
    },
  };
}

type FieldEdit = Omit<Edit, 'document'>;

const repository = (current: Reference, { repository: wished }: ImageWish): FieldEdit[] =>
  wished === undefined || sameRepository(wished, current.repository)
    ? []
    : [{ path: ['newName'], value: wished }];

function version(current: Reference, { tag, digest }: ImageWish): FieldEdit[] {
  const parts = [
    { key: 'newTag', wished: tag, standing: current.tag },
    { key: 'digest', wished: digest, standing: current.digest },
  ];
  const [stale] = parts.filter(({ wished, standing }) => wished === undefined && standing !== undefined);
  const wanted = parts.flatMap(({ key, wished, standing }) =>
    wished === undefined ? [] : [{ key, wished, standing }],
  );
  const [only] = wanted;
  // What is not wished must go, lest an old digest stand behind a new tag. Its line becomes the one that is missing.
  if (stale && only && only.standing === undefined) {
    return [{ path: [stale.key], key: only.key, value: only.wished }];
  }
  return [
    ...wanted.map(({ key, wished }) => ({ path: [key], value: wished })),
    ...(stale ? [{ path: [stale.key], value: null }] : []),
  ];
}

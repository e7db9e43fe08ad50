import { isSeq } from 'yaml';
import { UserError } from '../../../runner/errors.ts';
import { readText, see } from '../../editor/slot.ts';
import type { Path, Source } from '../../editor/source.ts';
import { moveTo, parseReference, sameRepository, writeReference } from '../../reference.ts';
import type { Wishes } from '../wishes.ts';
import { helmPlaces } from './helm.ts';
import { applicationLayers } from './helm-layers.ts';
import { refuseTwice } from './kustomization.ts';
import type { ImagePlace, Places, RevisionPlace } from './place.ts';

/**
 * The sources of an Argo CD Application. Where it has `sources`, Argo CD does not look at `source`.
 * https://argo-cd.readthedocs.io/en/stable/user-guide/multiple_sources/
 */
export function applicationPlaces(source: Source, document: number, { helm }: Wishes): Places {
  const several = see(source, document, ['spec', 'sources']);
  const paths: Path[] =
    isSeq(several) && several.items.length > 0
      ? several.items.map((_, index) => ['spec', 'sources', index])
      : see(source, document, ['spec', 'source'])
        ? [['spec', 'source']]
        : [];
  return {
    images: paths.flatMap(path => [
      ...kustomizeImages(source, document, [...path, 'kustomize', 'images']),
      ...(helm.size > 0 ? helmPlaces(applicationLayers(source, document, [...path, 'helm']), helm) : []),
    ]),
    revisions: paths.map(path => revision(source, document, path)),
  };
}

/** `[NAME=]REPOSITORY[:TAG][@DIGEST]`, as `kustomize edit set image` takes it. */
function kustomizeImages(source: Source, document: number, path: Path): ImagePlace[] {
  const list = see(source, document, path);
  const entries = isSeq(list) ? list.items.map((_, index) => entry(source, document, [...path, index])) : [];
  return entries.map(each => refuseTwice(each, entries));
}

function entry(source: Source, document: number, path: Path): ImagePlace {
  const text = readText(source, document, path) ?? '';
  const [, prefix = '', rest = ''] = /^([^=]*=)?(.*)$/s.exec(text) ?? [];
  const reference = parseReference(rest);
  const at = source.at(see(source, document, path)?.range?.[0] ?? 0);
  return {
    name: prefix.slice(0, -1) || (reference?.repository ?? rest),
    reference,
    at,
    set(wish) {
      if (!reference)
        throw new UserError(`"${text}" is no image: write [NAME=]REPOSITORY:TAG or @sha256:…`, at);
      const after = moveTo(reference, wish);
      // Without a name in front, another repository would stand for images of that repository, which nothing has.
      const front =
        prefix || (sameRepository(after.repository, reference.repository) ? '' : `${reference.repository}=`);
      return [{ document, path, value: front + writeReference(after) }];
    },
  };
}

function revision(source: Source, document: number, path: Path): RevisionPlace {
  const names = ['name', 'ref', 'chart', 'repoURL'].map(key => readText(source, document, [...path, key]));
  return {
    names: names.flatMap(name => (name ? [name] : [])),
    at: source.at(see(source, document, path)?.range?.[0] ?? 0),
    set: value => [{ document, path: [...path, 'targetRevision'], value }],
  };
}

import { basename } from 'node:path';
import { isMap } from 'yaml';
import { readText } from '../../editor/slot.ts';
import type { Source } from '../../editor/source.ts';
import type { Wishes } from '../wishes.ts';
import { applicationPlaces } from './application.ts';
import { helmPlaces } from './helm.ts';
import { treeLayer } from './helm-layers.ts';
import { kustomizationNames, kustomizationPlaces } from './kustomization.ts';
import { manifestPlaces } from './manifest.ts';
import type { Places } from './place.ts';

/** Everywhere in a file that an image or a revision stands, by what each of its documents is. */
export function placesIn(source: Source, wishes: Wishes): Places {
  const all = source.documents.map((_, document) => inDocument(source, document, wishes));
  return {
    images: all.flatMap(({ images }) => images),
    revisions: all.flatMap(({ revisions }) => revisions),
  };
}

function inDocument(source: Source, document: number, wishes: Wishes): Places {
  if (!isMap(source.documents[document]?.contents)) return { images: [], revisions: [] };
  const field = (key: string) => readText(source, document, [key]);
  const [apiVersion, kind] = [field('apiVersion'), field('kind')];
  if (isKustomization(source.file, apiVersion, kind)) return kustomizationPlaces(source, document);
  if (kind === 'Application' && apiVersion?.startsWith('argoproj.io/'))
    return applicationPlaces(source, document, wishes);
  if (kind !== undefined && apiVersion !== undefined) return manifestPlaces(source, document);
  // What is no object of Kubernetes has the keys that a chart wants, and only its user knows which.
  return { images: helmPlaces([treeLayer(source, document)], wishes.helm), revisions: [] };
}

const isKustomization = (file: string, apiVersion: string | undefined, kind: string | undefined): boolean =>
  kustomizationNames.includes(basename(file)) ||
  (apiVersion?.startsWith('kustomize.config.k8s.io/') === true &&
    (kind === 'Kustomization' || kind === 'Component'));

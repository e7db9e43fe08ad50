import { isMap, isScalar, isSeq, type Node } from 'yaml';
import { readText, see } from '../../editor/slot.ts';
import type { Path, Source } from '../../editor/source.ts';
import { moveTo, parseReference, writeReference } from '../../reference.ts';
import type { ImagePlace, Places } from './place.ts';

const containerLists = ['containers', 'initContainers', 'ephemeralContainers'];

/** The images of all containers, however deep a kind keeps them: a Deployment, a CronJob, a List of either. */
export function manifestPlaces(source: Source, document: number): Places {
  const paths = imagePaths(source.documents[document]?.contents ?? undefined, []);
  return { images: paths.flatMap(path => container(source, document, path)), revisions: [] };
}

function imagePaths(node: unknown, path: Path): Path[] {
  if (isSeq(node)) return node.items.flatMap((item, index) => imagePaths(item, [...path, index]));
  if (!isMap(node)) return [];
  return node.items.flatMap(({ key, value }) => {
    if (!isScalar(key)) return [];
    const name = key.value as string | number;
    const below = imagePaths(value, [...path, name]);
    if (!isSeq(value) || !containerLists.includes(String(name))) return below;
    return [...value.items.map((_, index) => [...path, name, index, 'image']), ...below];
  });
}

function container(source: Source, document: number, path: Path): ImagePlace[] {
  const text = readText(source, document, path);
  const reference = text && parseReference(text);
  if (!reference) return [];
  const node = see(source, document, path) as Node;
  return [
    {
      name: reference.repository,
      reference,
      at: source.at(node.range?.[0] ?? 0),
      set: wish => [{ document, path, value: writeReference(moveTo(reference, wish)) }],
    },
  ];
}

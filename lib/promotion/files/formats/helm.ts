import { type Location, UserError } from '../../../runner/errors.ts';
import type { Edit } from '../../editor/edit.ts';
import type { Path } from '../../editor/source.ts';
import {
  moveTo,
  parseReference,
  parseVersion,
  type Reference,
  sameRepository,
  splitDomain,
  writeReference,
} from '../../reference.ts';
import { type HelmMap, type HelmPart, helmPathText } from '../helm-map.ts';
import type { ImageWish } from '../wishes.ts';
import type { Layer } from './helm-layers.ts';
import type { ImagePlace } from './place.ts';

/** The images whose place in a chart's values was told, as far as these layers have them. */
export const helmPlaces = (layers: readonly Layer[], maps: ReadonlyMap<string, HelmMap>): ImagePlace[] =>
  [...maps].flatMap(([name, map]) => {
    const whole = map.image && read(layers, map.image);
    if (whole) return [wholePlace(name, whole)];
    const parts = map.image ? partsBelow(map.image) : map;
    return partsPlace(name, layers, parts, map.image === undefined);
  });

interface Found {
  text: string;
  at: Location;
  set(value: string): Edit;
}

function read(layers: readonly Layer[], path: Path | undefined): Found | undefined {
  if (!path) return undefined;
  for (const layer of layers) {
    const found = layer.read(path);
    if (found) return { ...found, set: value => layer.set(path, value) };
  }
  return undefined;
}

const partsBelow = (path: Path): Omit<HelmMap, 'image'> => ({
  registry: [...path, 'registry'],
  repository: [...path, 'repository'],
  tag: [...path, 'tag'],
  digest: [...path, 'digest'],
});

/** `image: ghcr.io/acme/ui:v1` */
function wholePlace(name: string, { text, at, set }: Found): ImagePlace {
  const reference = parseReference(text);
  return {
    name,
    reference,
    at,
    set(wish) {
      // A bare word may as well be a tag: then it would be lost.
      if (reference && /[/:@]/.test(text)) return [set(writeReference(moveTo(reference, wish)))];
      throw new UserError(
        `"${text}" is no image with its version: if it is a tag, write "${name}: { tag: PATH }" into helm`,
        at,
      );
    },
  };
}

/** `image: { registry, repository, tag, digest }`, or wherever the chart keeps them. */
function partsPlace(
  name: string,
  layers: readonly Layer[],
  map: Omit<HelmMap, 'image'>,
  isTold: boolean,
): ImagePlace[] {
  const parts = {
    registry: read(layers, map.registry),
    repository: read(layers, map.repository),
    tag: read(layers, map.tag),
    digest: read(layers, map.digest),
  };
  const first = parts.tag ?? parts.digest ?? parts.repository;
  if (!first) return [];
  const { at } = first;
  const put = (part: Exclude<HelmPart, 'image'>, value: string): Edit => {
    const path = map[part] as Path;
    const found = parts[part];
    if (found) return found.set(value);
    const layer = layers.find(each => each.isMap(path.slice(0, -1)));
    if (layer) return layer.set(path, value);
    throw new UserError(
      `"${name}" has no ${helmPathText(path)} here: write it by hand, then it can be moved`,
      at,
    );
  };
  const place = {
    name,
    at,
    isTold,
    parts,
    canSay: (part: keyof typeof parts) => isTold && map[part] !== undefined,
    put,
  };
  return [
    {
      name,
      reference: current(place),
      at,
      set: wish => [...repository(place, wish), ...version(place, wish)],
    },
  ];
}

interface Parts {
  name: string;
  at: Location;
  parts: { [Part in Exclude<HelmPart, 'image'>]: Found | undefined };
  /** True for a part that was told, so that it may be written where it is missing. */
  canSay(part: Exclude<HelmPart, 'image'>): boolean;
  put(part: Exclude<HelmPart, 'image'>, value: string): Edit;
}

function current({ parts: { registry, repository, tag, digest } }: Parts): Reference | undefined {
  if (!repository) return undefined;
  const inTag = tag && parseVersion(`:${tag.text}`);
  const wholeDigest = digest?.text || inTag?.digest;
  return {
    repository: (registry?.text ? `${registry.text}/` : '') + repository.text,
    ...(inTag?.tag && { tag: inTag.tag }),
    ...(wholeDigest && { digest: wholeDigest }),
  };
}

function repository(place: Parts, { repository: wished }: ImageWish): Edit[] {
  const { name, at, parts } = place;
  if (wished === undefined) return [];
  const standing = current(place)?.repository;
  if (standing !== undefined && sameRepository(standing, wished)) return [];
  if (!parts.repository && !place.canSay('repository')) {
    throw new UserError(
      `No repository stands here for "${name}", so it is the chart's own: write it here, or give the version alone (${name}=:TAG)`,
      at,
    );
  }
  if (!parts.registry?.text) return [place.put('repository', wished)];
  const [domain, path] = splitDomain(wished);
  return [place.put('registry', domain), place.put('repository', path)];
}

/** A chart shows tag and digest in its own way: both are set, or the one that is not wished must be none. */
function version(place: Parts, { tag, digest }: ImageWish): Edit[] {
  const { name, at, parts } = place;
  const joined = parts.tag?.text.includes('@');
  if (parts.digest || (digest !== undefined && place.canSay('digest') && !joined)) {
    if (tag === undefined && parts.tag?.text) {
      throw new UserError(
        `The tag ${parts.tag.text} of "${name}" would stand before another image's digest: give both, ${name}=:TAG@${digest}`,
        parts.tag.at,
      );
    }
    return [
      ...(tag === undefined ? [] : [place.put('tag', tag)]),
      // An empty digest, unlike none, also takes back the one that the chart may have.
      ...(digest !== undefined || parts.digest?.text ? [place.put('digest', digest ?? '')] : []),
    ];
  }
  if (tag === undefined || (digest !== undefined && !joined)) {
    throw new UserError(
      `There is no place for the digest of "${name}": say where the chart takes it (helm: "${name}: { tag: PATH, digest: PATH }"), or give the tag alone`,
      at,
    );
  }
  return [place.put('tag', digest === undefined ? tag : `${tag}@${digest}`)];
}

import { place, UserError } from '../../runner/errors.ts';
import type { Pin } from '../pin.ts';
import { type Change, type Move, short } from '../plan.ts';
import { parseReference, type Reference, sameRepository, version } from '../reference.ts';
import type { HeldFile, Hold } from './file.ts';

/** A move that is not made, with the sentence that says why and what the way out is. */
export interface Withheld {
  move: Move;
  kind: Hold['kind'];
  reason: string;
}

/**
 * Why a move is not made by what `held.yaml` says; undefined when it may be.
 * @param image the service's own, without a version
 */
export function withholding(
  environment: string,
  { holds }: HeldFile,
  move: Move,
  image: string,
): Omit<Withheld, 'move'> | undefined {
  const { service } = move.pin;
  const own = holds.filter(hold => hold.service === service);
  const hold = own.find(({ kind }) => kind === 'paused') ?? own.find(each => isRejected(each, move, image));
  if (!hold) return undefined;
  const said = [
    hold.at && `since ${hold.at}`,
    hold.by && `by ${hold.by}`,
    hold.reason && `(${hold.reason.replace(/[.\s]+$/, '')})`,
  ].filter(Boolean);
  const what = hold.kind === 'paused' ? `${service} is paused` : `${service} ${versionOf(hold)} is rejected`;
  const way = hold.kind === 'paused' ? 'resume' : 'release';
  return {
    kind: hold.kind,
    reason: `${[what, ...said].join(' ')}: promote ${environment} with ${way}: ${service}, or delete its entry at ${place(hold.place)}`,
  };
}

/**
 * Entries that hold nothing, as none of their images is one of the service's: somebody's slip, and what was meant would pass.
 * @param own each service's image, without a version
 */
export const vain = (
  { holds }: HeldFile,
  pins: readonly Pin[],
  own: Readonly<Record<string, { image: string }>>,
): UserError[] =>
  holds.flatMap(({ service, images = [], place: at }) => {
    const pin = pins.find(each => each.service === service);
    const image = own[service]?.image ?? '';
    const known = [image, ...(pin?.images.map(({ reference }) => reference.repository) ?? [])];
    const isOne = ({ repository }: Reference) => known.some(each => sameRepository(each, repository));
    if (images.length === 0 || references(images).some(isOne)) return [];
    const message = `This holds nothing, as no image of ${service} is called so: write ${image} with what was rejected, or delete the entry`;
    return [new UserError(message, at)];
  });

/** A rejected version as people say it. */
export function versionOf({ revision, images = [] }: Hold): string {
  const found = images.flatMap(image => parseReference(image) ?? []);
  return revision === undefined ? found.map(version).join(', ') : short(revision);
}

/** What a rollback leaves, so that it does not come back. */
export function rejection({ pin, changes }: Move): Hold {
  const of = (what: Change['what']) =>
    changes.filter(change => change.what === what).map(({ before }) => before);
  const [revision] = of('revision');
  const images = of('image').map(withoutName);
  return {
    ...{ kind: 'rejected', service: pin.service },
    ...(revision !== undefined && { revision }),
    ...(images.length > 0 && { images }),
  };
}

/**
 * The service's own image would come back, or its revision beside the same images. A new image of the same revision is another
 * version; other images, as of a sidecar, may come along with any.
 */
function isRejected({ revision, images = [] }: Hold, { pin, changes }: Move, image: string): boolean {
  const brings = (what: Change['what']) =>
    changes.filter(change => change.what === what).map(({ after }) => after);
  const rejected = references(images);
  const own = rejected.filter(({ repository }) => sameRepository(repository, image));
  const telling = own.length > 0 ? own : rejected;
  if (references(brings('image')).some(brought => telling.some(each => sameVersion(each, brought))))
    return true;
  if (revision === undefined || !brings('revision').includes(revision)) return false;
  const after = references(
    pin.images.map(({ text, path }) => changes.find(change => change.path === path)?.after ?? text),
  );
  return rejected.every(each => after.some(other => sameVersion(each, other)));
}

const references = (texts: readonly string[]): Reference[] =>
  texts.flatMap(text => parseReference(withoutName(text)) ?? []);

/** `NAME=REPOSITORY:TAG` without the name. */
const withoutName = (text: string): string => text.slice(text.indexOf('=') + 1);

/** A digest tells more than a tag, which may be moved; where only one of the two has one, the tags have to do. */
function sameVersion(one: Reference, other: Reference): boolean {
  if (!sameRepository(one.repository, other.repository)) return false;
  return one.digest && other.digest
    ? one.digest === other.digest
    : one.tag !== undefined && one.tag === other.tag;
}

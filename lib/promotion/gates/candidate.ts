import type { Move } from '../plan.ts';
import { parseReference, type Reference, sameRepository, version } from '../reference.ts';

/** A move as the gates look at it: one service from one version to another. */
export interface Candidate {
  move: Move;
  service: string;
  before: Side;
  after: Side;
  /** Entries of the service's own image that change, or all where only the revision does: a pin may have several under other names. */
  own: { before: Reference; after: Reference }[];
  /** The images that must run where the version comes from: the service's own, and each that the move changes. */
  images: Reference[];
  /** The version in a word, for people. */
  version: string;
}

interface Side {
  /** The service's own image; none where its pin has no entry for it. */
  image?: Reference | undefined;
  revision: string;
}

/** @param repository the service's image without a version, as platform.yaml has it */
export function candidate(move: Move, repository: string): Candidate {
  const { pin, changes } = move;
  const after = (path: unknown) => changes.find(change => change.path === path)?.after;
  const entries = pin.images.map(({ path, prefix, reference }) => {
    const text = after(path)?.slice(prefix.length);
    return { before: reference, after: (text !== undefined && parseReference(text)) || reference };
  });
  const isOwn = ({ before }: { before: Reference }) => sameRepository(before.repository, repository);
  const mine = entries.filter(isOwn);
  const moving = mine.filter(each => each.before !== each.after);
  const own = moving[0] ?? mine[0];
  const revision = after(pin.revision.path) ?? pin.revision.text;
  const shown = own ? version(own.after) : revision;
  return {
    move,
    service: pin.service,
    before: { image: own?.before, revision: pin.revision.text },
    after: { image: own?.after, revision },
    own: moving.length > 0 ? moving : mine,
    images: entries.filter(each => each === own || each.before !== each.after).map(each => each.after),
    version: /^[0-9a-f]{40}$/.test(shown) ? shown.slice(0, 7) : shown,
  };
}

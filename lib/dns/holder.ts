import { domainToUnicode } from 'node:url';
import type { Claim, Wishes } from './claims.ts';
import { cutSource, type Identity } from './marker.ts';
import type { TxtOwnership } from './txt-registry.ts';

/* Who holds a name: the object that its records were made for, as their marks or external-dns's TXT say. Of several wishes
   the holder's counts, and while it may have one that is not known, nobody else gets the name. */

/** What its records say of the holder. */
export interface Said {
  /** The objects in the marks, as `cutSource` has them. */
  marks: ReadonlySet<string>;
  txts: readonly TxtOwnership[];
}

export type Holder =
  /** These claims are the holder's, and it is known where they lead. */
  | { kind: 'settled'; claims: readonly Claim[] }
  /** It wants the name, or may want it, and it is not known where it is to lead: one clause. */
  | { kind: 'waits'; reason: string }
  /** Nobody: its object claims it no longer, or there never was one. */
  | { kind: 'none' };

export function holderOf(claims: readonly Claim[], said: Said, identity: Identity, doubts: Doubts): Holder {
  const own = claims.filter(
    ({ source }) =>
      said.marks.has(source) ||
      said.marks.has(cutSource({ ...identity, source }) ?? '') ||
      said.txts.some(({ resource }) => isAbout(resource, source)),
  );
  if (own.some(isWaiting)) return { kind: 'waits', reason: waiting(own.filter(isWaiting)) };
  const here = new Set(own.flatMap(({ source }) => [source, cutSource({ ...identity, source })]));
  const reason = doubts.ofObject([...said.marks].filter(mark => !here.has(mark)));
  if (reason !== undefined) return { kind: 'waits', reason };
  return own.length > 0 ? { kind: 'settled', claims: own } : { kind: 'none' };
}

/** Whether external-dns means this object: `ingress/shop/web`. */
export const isAbout = (resource: string, source: string): boolean =>
  source.replace(' ', '/').toLowerCase() === resource.toLowerCase();

export const isWaiting = ({ targets }: Claim): boolean => targets.length === 0;

/** Why each of these waits. */
export const waiting = (claims: readonly Claim[]): string =>
  [...new Set(claims.map(({ source, pending = 'it has no address yet' }) => `${source}: ${pending}`))]
    .sort()
    .join('; ');

/** What may claim more names than it says: objects that wait, and objects that cannot be read. */
export interface Doubts {
  /** Why the object of one of these marks may claim any name that it had. */
  ofObject(marks: Iterable<string>): string | undefined;
  /** Why somebody may claim this name, for it stands in a text or below a wildcard that waits. */
  about(name: string): string | undefined;
}

/** @param zone the names that are asked about are within it */
export function doubtsOf(
  { claims, unreadable }: Pick<Wishes, 'claims' | 'unreadable'>,
  identity: Identity,
  zone: string,
): Doubts {
  const objects = new Map<string, string>();
  const wildcards = new Map<string, string>();
  const doubt = (source: string, reason: string) => `${source} may still claim it, and ${reason}`;
  for (const claim of claims.filter(isWaiting)) {
    const { source, name, pending = 'it has no address yet' } = claim;
    objects.set(cutSource({ ...identity, source }) ?? '', doubt(source, pending));
    if (name.startsWith('*.')) wildcards.set(name, doubt(source, pending));
  }
  for (const { source, reason } of unreadable)
    objects.set(cutSource({ ...identity, source }) ?? '', doubt(source, reason));

  const spellings = (name: string) => [name, domainToUnicode(name)];
  // Once for all names, and only those texts that can hold one: a cluster may have hundreds, of many kilobytes each.
  const texts = unreadable
    .map(each => ({ ...each, text: each.text.toLowerCase() }))
    .filter(({ text }) => spellings(zone).some(spelling => text.includes(spelling)));

  return {
    ofObject(marks) {
      for (const mark of marks) {
        const reason = objects.get(mark);
        if (reason !== undefined) return reason;
      }
      return undefined;
    },
    about(name) {
      const found = texts.find(({ text }) => spellings(name).some(spelling => text.includes(spelling)));
      if (found) return doubt(found.source, found.reason);
      for (let at = name.indexOf('.'); at > 0 && wildcards.size > 0; at = name.indexOf('.', at + 1)) {
        const reason = wildcards.get(`*${name.slice(at)}`);
        if (reason !== undefined) return reason;
      }
      return undefined;
    },
  };
}

import type { DnsRecord } from '../cloudflare/cloudflare.ts';
import { shown } from '../runner/text.ts';
import type { Claim } from './claims.ts';
import { isAbout } from './holder.ts';
import { type Identity, isOwned, parse } from './marker.ts';
import type { TxtFormat, TxtOwnership, TxtRegistry } from './txt-registry.ts';
import type { Wanted } from './wanted.ts';

/** What else than our own mark makes a record ours. Each is asked for explicitly; nothing of it happens by itself. */
export interface Succession {
  /** Hashes of clusters that are gone, whose records of the same owner are ours now. */
  takeOver: readonly string[];
  /**
   * Records that lead where they should already become ours, if nobody else has a mark on them; but not where the object's
   * author has chosen the target, who could have copied it from the record.
   */
  adopt: boolean;
  /** Records whose owner in external-dns's TXT registry is one of these become ours, and the TXT goes. */
  txtOwners: readonly string[];
  txt: TxtFormat;
}

export const noSuccession: Succession = {
  ...{ takeOver: [], adopt: false, txtOwners: [] },
  txt: { prefix: '', suffix: '', wildcardReplacement: '' },
};

/** The types that we write. A mark on any other has been copied there by hand. */
export const leads = ({ type }: Pick<DnsRecord, 'type'>): boolean =>
  type === 'A' || type === 'AAAA' || type === 'CNAME';

/** Whether a record carries our mark, or that of a cluster whose records we take over. */
export function isOurs(record: DnsRecord, identity: Identity, { takeOver }: Succession): boolean {
  if (!leads(record)) return false;
  return [identity.cluster, ...takeOver].some(cluster => isOwned(record.comment, { ...identity, cluster }));
}

/** Whether external-dns's owner is listed, and the object that it wrote the record for claims the name here and now. */
export function isProven(
  ownership: TxtOwnership,
  claims: readonly Claim[],
  { txtOwners }: Succession,
): boolean {
  if (!txtOwners.includes(ownership.owner)) return false;
  return claims.some(({ source }) => isAbout(ownership.resource, source));
}

/** Whether it is what is wanted already, and nobody's: its lifetime alone may differ. */
export const isAdoptable = (record: DnsRecord, wish: Wanted, registry: TxtRegistry): boolean =>
  wish.kind === 'records' &&
  wish.claims.some(({ chosen }) => !chosen) &&
  parse(record.comment) === undefined &&
  registry.of(record).length === 0 &&
  wish.records.some(
    ({ type, content, proxied }) =>
      type === record.type && content === record.content && proxied === record.proxied,
  );

/** Whose a record is that stands in the way, and what its reader can do. */
export function foreign(record: DnsRecord, identity: Identity, registry: TxtRegistry, wish: Wanted): string {
  const { type, content, comment } = record;
  const what = `there is ${type} ${content}`;
  const otherwise = 'delete it at Cloudflare to hand this name over, or choose another host';
  const marker = parse(comment);
  if (marker?.owner === identity.owner)
    return `${what}, which another cluster of owner ${marker.owner} keeps: ${otherwise}; if that cluster is gone, give its id as "take-over"`;
  if (marker?.cluster === identity.cluster)
    return `${what}, which this cluster has written for owner ${marker.owner}: ${otherwise}; if that is the old name of owner ${identity.owner}, give "owner" as ${marker.owner} again`;
  if (marker) return `${what}, which owner ${marker.owner} keeps: ${otherwise}`;
  const txts = registry.of(record);
  if (txts.length > 0) {
    const keepers = txts.map(
      ({ resource, owner }) => `${shown(resource) || 'an unknown object'} (owner ${shown(owner)})`,
    );
    return `${what}, which external-dns keeps for ${[...new Set(keepers)].join(' and for ')}: name that owner in "txt-owners" to migrate it, once that object claims this name here`;
  }
  if (isAdoptable(record, wish, registry))
    return `${what}, which is as wished and not ours: give "adopt" to make it ours, or choose another host`;
  return `${what}, which is not ours: ${otherwise}`;
}

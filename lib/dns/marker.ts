import { createHash } from 'node:crypto';

/** Whose records are ours: those of one owner for one cluster. */
export interface Identity {
  /** As platform.yaml's `dns.owner` has it. */
  owner: string;
  /** `clusterHash` of the cluster's id. */
  cluster: string;
}

export interface Marker extends Identity {
  /** The object that wanted the record, as `IngressRoute shop/ui`; a long one is cut and ends in `~`. */
  source: string;
}

/** Short enough for a comment, long enough that no two clusters of one owner share it. */
export const clusterHash = (id: string): string => createHash('sha256').update(id).digest('hex').slice(0, 12);

// The most that a comment holds on the free plan.
const longest = 100;

/** The comment by which a record is known as ours: `slipway OWNER@CLUSTER SOURCE`, at most 100 ASCII characters. */
export function format({ owner, cluster, source }: Marker): string {
  const whole = `slipway ${owner}@${cluster} ${source.replace(/[^ -~]/g, '?')}`;
  return whole.length <= longest ? whole : `${whole.slice(0, longest - 1)}~`;
}

/** The source as the mark of a record has it. */
export const cutSource = (marker: Marker): string | undefined => parse(format(marker))?.source;

const ownerPattern = '[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?';

/** Whether it is an owner as platform.yaml takes it. */
export const isOwner = (text: string): boolean => new RegExp(`^${ownerPattern}$`).test(text);

const marker = new RegExp(`^slipway (${ownerPattern})@([0-9a-f]{12}) ([ -~]+)$`);

/** Undefined for every comment that is not exactly a marker: its record is somebody else's. */
export function parse(comment: string | null): Marker | undefined {
  const found = marker.exec(comment ?? '');
  if (!found || (comment ?? '').length > longest) return undefined;
  const [, owner = '', cluster = '', source = ''] = found;
  return { owner, cluster, source };
}

export const isOwned = (comment: string | null, identity: Identity): boolean => {
  const marker = parse(comment);
  return marker?.owner === identity.owner && marker.cluster === identity.cluster;
};

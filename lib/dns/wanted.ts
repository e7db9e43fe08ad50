import type { DnsRecord } from '../cloudflare/cloudflare.ts';
import type { Claim } from './claims.ts';
import { isWaiting, waiting } from './holder.ts';
import type { Target } from './target.ts';

/** What holds for a name whose objects do not say otherwise. */
export interface Defaults {
  /** Seconds; 1 is automatic. */
  ttl: number;
  proxied: boolean;
}

export type WantedRecord = Pick<DnsRecord, 'type' | 'content' | 'ttl' | 'proxied'>;

export type Wanted =
  | {
      kind: 'records';
      records: WantedRecord[];
      /** The claims that want just this. */
      claims: readonly Claim[];
      /** What others want instead, one clause. */
      disputed?: string;
    }
  | { kind: 'hold'; reason: string }
  | { kind: 'conflict'; reason: string };

export interface Circumstances {
  /** The holder's claims: of several wishes, theirs counts. */
  first: readonly Claim[];
  /** The records that are ours: where there is no holder, or it is of two minds, the wish that is served already stays. */
  present: readonly DnsRecord[];
  defaults: Defaults;
}

/** The records that the objects which claim one name want of it, taken together. */
export function wanted(claims: readonly Claim[], { first, present, defaults }: Circumstances): Wanted {
  const settled = claims.filter(claim => !isWaiting(claim));
  if (settled.length === 0) return { kind: 'hold', reason: waiting(claims) };

  const wishes = Map.groupBy(settled, ({ targets }) => leadsTo(targets));
  const able = new Set((first.length > 0 ? first : settled).map(({ targets }) => leadsTo(targets)));
  const [only = ''] = able;
  const place = able.size === 1 ? only : leadsTo(present);
  const chosen = able.has(place) ? (wishes.get(place) ?? []) : [];
  const list = (some: readonly Claim[]) =>
    some.map(claim => `${claim.source} to ${leadsTo(claim.targets)}`).join(', ');
  const [{ targets } = { targets: [] }] = chosen;
  if (targets.length === 0)
    return { kind: 'conflict', reason: `its objects want it to lead to different places: ${list(settled)}` };
  const rivals = settled.filter(claim => !chosen.includes(claim));
  if (targets.length > 1 && targets.some(({ type }) => type === 'CNAME'))
    return {
      kind: 'conflict',
      reason: `a CNAME stands alone, and it is to lead to ${leadsTo(targets)}: give one host name, or addresses only`,
    };
  // A rival says nothing of how the name is served, as it does not say where it leads.
  const lifetimes = chosen.flatMap(({ ttl }) => (ttl === undefined ? [] : [ttl]));
  const explicit = chosen.flatMap(({ proxied }) => (proxied === undefined ? [] : [proxied]));
  // Cloudflare proxies all addresses of a name as soon as it proxies one, and keeps no lifetime of its own for it then.
  const proxied = explicit.includes(true) || (explicit.length === 0 && defaults.proxied);
  const seconds = lifetimes.filter(ttl => ttl !== 1);
  const shortest = seconds.length > 0 ? Math.min(...seconds) : lifetimes.length > 0 ? 1 : defaults.ttl;
  const ttl = proxied ? 1 : shortest;
  return {
    kind: 'records',
    records: targets.map(target => ({ ...target, ttl, proxied })),
    claims: chosen,
    ...(rivals.length > 0 && {
      disputed: `it leads where ${[...new Set(chosen.map(({ source }) => source))].join(', ')} wants it, and others do not: ${list(rivals)}`,
    }),
  };
}

/** All places that these name, as one text. */
export const leadsTo = (targets: readonly Pick<Target, 'content'>[]): string =>
  [...new Set(targets.map(({ content }) => content))].sort().join(' ');

import type { DnsRecord } from '../cloudflare/cloudflare.ts';
import type { Claim } from './claims.ts';
import { isWithin } from './host.ts';
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

/**
 * The records that the objects which claim one name want of it, taken together.
 * @param present the records that are ours: of several wishes, the one that is served already stays
 */
export function wanted(
  name: string,
  claims: readonly Claim[],
  present: readonly DnsRecord[],
  defaults: Defaults,
): Wanted {
  const settled = claims.filter(({ targets }) => targets.length > 0);
  if (settled.length === 0) return { kind: 'hold', reason: waiting(claims) };

  const wishes = Map.groupBy(settled, ({ targets }) => targetKey(targets));
  const chosen = wishes.size === 1 ? settled : (wishes.get(targetKey(present)) ?? []);
  const list = (some: readonly Claim[]) =>
    some.map(claim => `${claim.source} to ${targetKey(claim.targets)}`).join(', ');
  const [{ targets } = { targets: [] }] = chosen;
  if (targets.length === 0)
    return { kind: 'conflict', reason: `its objects want it to lead to different places: ${list(settled)}` };
  const rivals = settled.filter(claim => !chosen.includes(claim));
  const alias = targets.find(({ type }) => type === 'CNAME');
  if (alias && targets.length > 1)
    return {
      kind: 'conflict',
      reason: `a CNAME stands alone, and it is to lead to ${targetKey(targets)}: give one host name, or addresses only`,
    };
  if (alias?.content === name)
    return { kind: 'conflict', reason: 'its target is the name itself: give another target' };
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
      disputed: `it stays where ${[...new Set(chosen.map(({ source }) => source))].join(', ')} wants it, and others do not: ${list(rivals)}`,
    }),
  };
}

const waiting = (claims: readonly Claim[]): string =>
  [...new Set(claims.map(({ source, pending = 'it has no address yet' }) => `${source}: ${pending}`))]
    .sort()
    .join('; ');

const targetKey = (targets: readonly Pick<Target, 'content'>[]): string =>
  [...new Set(targets.map(({ content }) => content))].sort().join(' ');

/** Whether a wildcard leads to a name that only itself answers for: nobody would ever get an address. */
export const isLoop = (
  name: string,
  { type, content }: WantedRecord,
  exists: (name: string) => boolean,
): boolean =>
  type === 'CNAME' &&
  name.startsWith('*.') &&
  isWithin(content, name.slice(2)) &&
  content !== name.slice(2) &&
  !exists(content);

import type { DnsRecord } from '../cloudflare/cloudflare.ts';
import type { Claim } from './claims.ts';
import { type Doubts, doubtsOf } from './holder.ts';
import type { Identity } from './marker.ts';
import { noSuccession, type Succession } from './ownership.ts';
import type { World } from './plan.ts';
import { type TxtRegistry, txtRegistry } from './txt-registry.ts';
import type { Defaults } from './wanted.ts';

/** A world with all that is looked up in it name by name. */
export interface View {
  world: World;
  zone: string;
  identity: Identity;
  succession: Succession;
  homes: ReadonlyMap<string, string>;
  defaults: Defaults;
  registry: TxtRegistry;
  doubts: Doubts;
  there: ReadonlyMap<string, DnsRecord[]>;
  claims: ReadonlyMap<string, Claim[]>;
  /** Names below the zone's own that have name servers of their own. */
  delegated: ReadonlySet<string>;
}

export function viewOf(world: World): View {
  const { zone, records, identity, wishes, succession = noSuccession } = world;
  return {
    ...{ world, zone, identity, succession, homes: world.homes ?? new Map() },
    defaults: world.defaults ?? { ttl: 1, proxied: false },
    registry: txtRegistry(records, succession.txt, new Set(wishes.claims.map(({ name }) => name))),
    doubts: doubtsOf(wishes, identity, zone),
    there: Map.groupBy(records, ({ name }) => name),
    claims: Map.groupBy(wishes.claims, ({ name }) => name),
    delegated: new Set(records.flatMap(({ type, name }) => (type === 'NS' && name !== zone ? [name] : []))),
  };
}

/** The name itself or one above it, if asking this zone for it ends at another's name servers. */
export function delegatedAt(
  name: string,
  { zone, delegated }: Pick<View, 'zone' | 'delegated'>,
): string | undefined {
  if (delegated.size === 0) return undefined;
  for (let at = name; at !== zone && at.includes('.'); at = at.slice(at.indexOf('.') + 1))
    if (delegated.has(at)) return at;
  return undefined;
}

import type { PlatformFile } from '../platform/platform.ts';
import { UserError, UserErrors } from '../runner/errors.ts';
import type { Claim, Wishes } from './claims.ts';
import { isWithin, recordName } from './host.ts';

/** A zone as somebody names it. */
export interface NamedZone {
  name: string;
  /** Spares the look-up by name, which needs the right to read zones. */
  id?: string | undefined;
}

/**
 * Reads zones as the input `zones` has them: `example.com, example.net=023e105f4ecef8ad9ca31a8372d0c353`, separated by
 * commas or blanks.
 * @throws UserErrors with every entry that is no zone
 */
export function parseZones(text: string): NamedZone[] {
  const errors: UserError[] = [];
  const zones = new Map<string, NamedZone>();
  for (const entry of text.split(/[\s,]+/).filter(Boolean)) {
    const [host = '', id, ...rest] = entry.split('=');
    const name = recordName(host);
    if (name === undefined || name.startsWith('*')) {
      errors.push(
        new UserError(`Input "zones" names "${host}", which is no name of a zone: write example.com`),
      );
    } else if (rest.length > 0 || (id !== undefined && !/^[0-9a-f]{32}$/.test(id))) {
      errors.push(
        new UserError(
          `Input "zones" has "${entry}": write NAME or NAME=ID, where the id is 32 hexadecimal digits from the zone's overview page`,
        ),
      );
    } else if (zones.has(name)) {
      errors.push(new UserError(`Input "zones" names ${name} twice: name it once`));
    } else zones.set(name, { name, id });
  }
  if (errors.length > 0) throw new UserErrors(errors);
  return [...zones.values()];
}

/** The zone that a name belongs to: the longest that ends the name at a dot, so that `dev.example.com` comes before `example.com`. */
export function zoneOf(name: string, zones: readonly string[]): string | undefined {
  let best: string | undefined;
  for (const zone of zones) if (isWithin(name, zone) && zone.length > (best?.length ?? 0)) best = zone;
  return best;
}

/** The wishes of each zone, in the order of `zones`; names in none of them become notes. */
export function divide(
  { claims, unreadable, notes }: Wishes,
  zones: readonly string[],
): { zones: { zone: string; wishes: Pick<Wishes, 'claims' | 'unreadable'> }[]; notes: string[] } {
  const parts = new Map(zones.map(zone => [zone, [] as Claim[]]));
  const outside: string[] = [];
  for (const claim of claims) {
    const zone = zoneOf(claim.name, zones);
    if (zone !== undefined) parts.get(zone)?.push(claim);
    else outside.push(`${claim.source}: ${claim.name} is in no zone of these and is left to others`);
  }
  return {
    // An unreadable object may claim a name in any zone.
    zones: [...parts].map(([zone, own]) => ({ zone, wishes: { claims: own, unreadable } })),
    notes: [...unreadable.map(({ source, reason }) => `${source}: ${reason}`), ...notes, ...outside],
  };
}

/** The zones that platform.yaml names. */
export const zonesOf = ({ zone, 'further-zones': further = [] }: PlatformFile['dns']): NamedZone[] =>
  [...new Set([zone, ...further])].map(name => ({ name }));

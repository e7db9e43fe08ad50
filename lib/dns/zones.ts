import { UserError, UserErrors } from '../runner/errors.ts';
import type { Remarks, Wishes } from './claims.ts';
import { isWithin, recordName, words } from './host.ts';

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
  for (const entry of words(text)) {
    const [host = '', id, ...rest] = entry.split('=');
    const name = recordName(host);
    if (name === undefined || name.startsWith('*')) {
      errors.push(
        new UserError(`Input "zones" names "${host}", which is no name of a zone: write example.com`),
      );
    } else if (rest.length > 0 || (id !== undefined && !isZoneId(id))) {
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

export const isZoneId = (text: string): boolean => /^[0-9a-f]{32}$/.test(text);

/** The zone that a name belongs to: the longest that ends the name at a dot, so that `dev.example.com` comes before `example.com`. */
export function zoneOf(name: string, zones: readonly string[]): string | undefined {
  let best: string | undefined;
  for (const zone of zones) if (isWithin(name, zone) && zone.length > (best?.length ?? 0)) best = zone;
  return best;
}

/** The wishes of each zone, in the order of `zones`; names in none of them become notes. */
export function divide<Z extends { name: string }>(
  { claims, unreadable, notes, unseen = [], folder }: Wishes,
  zones: readonly Z[],
): { parts: { zone: Z; wishes: Omit<Wishes, 'notes'> }[]; remarks: Remarks } {
  const names = zones.map(({ name }) => name);
  const divided = Map.groupBy(claims, ({ name }) => zoneOf(name, names));
  const outside = divided.get(undefined) ?? [];
  return {
    // What is unreadable or unseen may claim a name in any zone.
    parts: zones.map(zone => ({
      zone,
      wishes: {
        ...{ claims: divided.get(zone.name) ?? [], unreadable, unseen },
        ...(folder !== undefined && { folder }),
      },
    })),
    remarks: {
      unseen,
      notes: [
        ...unreadable.map(({ source, reason }) => `${source}: ${reason}`),
        ...notes,
        ...outside.map(
          ({ name, source }) => `${source}: ${name} is in no zone of these and is left to others`,
        ),
      ],
    },
  };
}

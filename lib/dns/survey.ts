import type { Cloudflare, DnsRecord, Zone } from '../cloudflare/cloudflare.ts';
import { UserError } from '../runner/errors.ts';
import type { Remarks, Wishes } from './claims.ts';
import { left } from './decision.ts';
import { growth, withinQuota } from './guard.ts';
import { isWithin } from './host.ts';
import { operations, type Plan, plan, type World } from './plan.ts';
import { divide, zoneOf } from './zones.ts';

export interface Goal extends Omit<World, 'zone' | 'records' | 'wishes'> {
  /** In any zone. */
  wishes: Wishes;
}

/** One zone and what is wished of it. */
export interface Share {
  zone: Zone;
  goal: Omit<World, 'zone' | 'records'>;
  /** The ids of the records that were there before the cluster was read: what has come since is newer than the wishes. */
  known: ReadonlySet<string>;
}

/** A zone with the ids of what was in it before the cluster was read. */
export interface Seen extends Zone {
  seen: ReadonlySet<string>;
}

/**
 * Looks into zones before the cluster is read: what another run writes for newer wishes is not among it, and is not taken
 * for something that nobody claims. What is planned on is listed after the cluster, so that others have little time between.
 */
export const seen = (cloudflare: Cloudflare, zones: readonly Zone[]): Promise<Seen[]> =>
  Promise.all(zones.map(async zone => ({ ...zone, seen: await cloudflare.ids(zone) })));

/** list → plan, for all zones. */
export async function survey(
  cloudflare: Cloudflare,
  zones: readonly (Zone | Seen)[],
  { wishes, ...goal }: Goal,
): Promise<{ shares: Share[]; plans: Plan[]; remarks: Remarks }> {
  const divided = divide(wishes, zones);
  const names = zones.map(({ name }) => name);
  const homes = new Map(
    wishes.claims.flatMap(({ name }) => {
      const home = zoneOf(name, names);
      return home === undefined ? [] : [[name, home] as const];
    }),
  );
  const shares: Share[] = [];
  const plans: Plan[] = [];
  for (const { zone, wishes } of divided.parts) {
    const before = 'seen' in zone ? zone.seen : undefined;
    const records = await cloudflare.records(zone, before);
    const known = before ?? new Set(records.map(({ id }) => id));
    const share = { zone, goal: { ...goal, homes, wishes }, known };
    shares.push(share);
    plans.push(await planned(cloudflare, share, records));
  }
  return { shares, plans, remarks: divided.remarks };
}

/** The same for one zone, again. */
export async function look(
  cloudflare: Cloudflare,
  share: Share,
): Promise<{ plan: Plan; records: readonly DnsRecord[] }> {
  const records = await cloudflare.records(share.zone, share.known);
  return { plan: await planned(cloudflare, share, records), records };
}

/** What has come since the zone was first looked into stays as it is. */
const sparing = (found: Plan, known: ReadonlySet<string>): Plan => ({
  ...found,
  decisions: found.decisions.map(each => {
    if (each.kind !== 'change') return each;
    const touched = each.operations.flatMap(one => (one.kind === 'create' ? [] : [one.before.id]));
    return touched.every(id => known.has(id))
      ? each
      : left(each, 'hold', 'somebody has written it since this run read the cluster: run it again');
  }),
});

async function planned(
  cloudflare: Cloudflare,
  { zone, goal, known }: Share,
  records: readonly DnsRecord[],
): Promise<Plan> {
  const stray = records.find(({ name }) => !isWithin(name, zone.name));
  if (stray) {
    throw new UserError(
      `The zone with the id ${zone.id} holds ${stray.name}, so it is not ${zone.name}: give the id of that zone`,
    );
  }
  const found = sparing(plan({ zone: zone.name, records, ...goal }), known);
  const wanted = operations(found);
  const more = growth({ operations: wanted });
  if (more <= 0) return found;
  const need = { operations: wanted.length, records: records.length + more };
  const { records: quota } = await cloudflare.limits(zone, need);
  if (quota === undefined || need.records <= quota) return found;
  return { ...found, decisions: withinQuota(found.decisions, records.length, quota) };
}

import type { Cloudflare, DnsRecord, Zone } from '../cloudflare/cloudflare.ts';
import { UserError } from '../runner/errors.ts';
import type { Remarks, Wishes } from './claims.ts';
import { growth, withinQuota } from './guard.ts';
import { isWithin } from './host.ts';
import { type Decision, operations, type Plan, plan, type World } from './plan.ts';
import { divide, zoneOf } from './zones.ts';

export interface Goal extends Omit<World, 'zone' | 'records' | 'wishes'> {
  /** In any zone. */
  wishes: Wishes;
}

/** One zone and what is wished of it. */
export interface Share {
  zone: Zone;
  goal: Omit<World, 'zone' | 'records'>;
  /** The ids of the records that were there first; others have come since the cluster was read. */
  known: ReadonlySet<string>;
}

/** A zone with all that was in it before the cluster was read. */
export interface Listed extends Zone {
  records: readonly DnsRecord[];
}

/**
 * Lists zones, before the cluster is read: what another run has written for newer wishes is then not in the list, and is
 * not taken for something that nobody claims.
 */
export const listed = (cloudflare: Cloudflare, zones: readonly Zone[]): Promise<Listed[]> =>
  Promise.all(zones.map(async zone => ({ ...zone, records: await cloudflare.records(zone) })));

/** observe → plan, for all zones. Without a list of before one is made now. */
export async function survey(
  cloudflare: Cloudflare,
  zones: readonly (Zone | Listed)[],
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
    const records = 'records' in zone ? zone.records : await cloudflare.records(zone);
    const share = { zone, goal: { ...goal, homes, wishes }, known: new Set(records.map(({ id }) => id)) };
    shares.push(share);
    plans.push(await planned(cloudflare, share, records));
  }
  return { shares, plans, remarks: divided.remarks };
}

/** The same for one zone, again: what has come since it was first listed is not deleted, for the wishes are older. */
export async function look(cloudflare: Cloudflare, share: Share): Promise<Plan> {
  const found = await planned(cloudflare, share, await cloudflare.records(share.zone));
  return { ...found, decisions: found.decisions.map(each => sparing(each, share.known)) };
}

function sparing(decision: Decision, known: ReadonlySet<string>): Decision {
  if (decision.kind !== 'change') return decision;
  const going = decision.operations.flatMap(each => (each.kind === 'delete' ? [each.before] : []));
  if (going.every(({ id }) => known.has(id))) return decision;
  const reason = 'somebody has written it since this run read the cluster: run it again';
  return { kind: 'hold', name: decision.name, records: going, reason };
}

async function planned(
  cloudflare: Cloudflare,
  { zone, goal }: Share,
  records: readonly DnsRecord[],
): Promise<Plan> {
  const stray = records.find(({ name }) => !isWithin(name, zone.name));
  if (stray) {
    throw new UserError(
      `The zone with the id ${zone.id} holds ${stray.name}, so it is not ${zone.name}: give the id of that zone`,
    );
  }
  const found = plan({ zone: zone.name, records, ...goal });
  const wanted = operations(found);
  const more = growth({ operations: wanted });
  if (more <= 0) return found;
  const need = { operations: wanted.length, records: records.length + more };
  const { records: quota } = await cloudflare.limits(zone, need);
  if (quota === undefined || need.records <= quota) return found;
  return { ...found, decisions: withinQuota(found.decisions, records.length, quota) };
}

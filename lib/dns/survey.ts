import type { Cloudflare, Zone } from '../cloudflare/cloudflare.ts';
import { UserError } from '../runner/errors.ts';
import type { Wishes } from './claims.ts';
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
}

/** observe → plan, for all zones. */
export async function survey(
  cloudflare: Cloudflare,
  zones: readonly Zone[],
  { wishes, ...goal }: Goal,
): Promise<{ shares: Share[]; plans: Plan[]; notes: string[] }> {
  const divided = divide(wishes, zones);
  const names = zones.map(({ name }) => name);
  const homes = new Map(
    wishes.claims.flatMap(({ name }) => {
      const home = zoneOf(name, names);
      return home === undefined ? [] : [[name, home] as const];
    }),
  );
  const shares = divided.parts.map(({ zone, wishes }) => ({ zone, goal: { ...goal, homes, wishes } }));
  const plans: Plan[] = [];
  for (const share of shares) plans.push(await look(cloudflare, share));
  return { shares, plans, notes: divided.notes };
}

/** The same for one zone. */
export async function look(cloudflare: Cloudflare, { zone, goal }: Share): Promise<Plan> {
  const records = await cloudflare.records(zone);
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

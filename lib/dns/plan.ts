import type { DnsRecord } from '../cloudflare/cloudflare.ts';
import { claimed } from './claimed.ts';
import { told, type Wishes } from './claims.ts';
import { type Change, type Decision, left, operationsOf } from './decision.ts';
import type { Operation } from './difference.ts';
import { guard } from './guard.ts';
import { sorted } from './host.ts';
import { withoutLoops } from './loops.ts';
import type { Identity } from './marker.ts';
import { isOurs, type Succession } from './ownership.ts';
import { unclaimed } from './unclaimed.ts';
import { viewOf } from './view.ts';
import type { Defaults } from './wanted.ts';

export interface Plan {
  zone: string;
  /** Each name that is wished or ours, once, sorted. */
  decisions: Decision[];
  /** Why nothing of it may be done. */
  refusal?: string;
  /** Why what is claimed no longer is held; all else may be done. */
  withheld?: string;
}

export interface World {
  zone: string;
  /** All records of the zone, other people's too. */
  records: readonly DnsRecord[];
  identity: Identity;
  /** Of this zone only. */
  wishes: Omit<Wishes, 'notes'>;
  /** The zone of each name that is claimed, of all zones that are looked at: one above may still hold its records. */
  homes?: ReadonlyMap<string, string>;
  /** What holds where the objects say nothing; automatic and not proxied unless told. */
  defaults?: Defaults;
  /** The kinds of objects that the wishes are from; all unless told. */
  kinds?: ReadonlySet<string>;
  /** How records of others become ours; not at all unless told. */
  succession?: Succession;
  allowDeletes: boolean;
}

/** Compares what is wished with what is there. Records that are not ours are looked at and never touched. */
export function plan(world: World): Plan {
  const { zone, records, identity, allowDeletes } = world;
  const view = viewOf(world);
  const owned = new Set(
    records.filter(each => isOurs(each, identity, view.succession)).map(({ name }) => name),
  );
  const decisions = sorted(new Set([...view.claims.keys(), ...owned])).map((name): Decision => {
    const claims = view.claims.get(name);
    return short(claims ? claimed(name, claims, view) : unclaimed(name, view));
  });
  const wished = new Set([...view.claims.keys(), ...[...owned].filter(name => view.homes.has(name))]);
  const anywhere = view.homes.size + view.claims.size > 0;
  const caution = allowDeletes ? undefined : guard({ zone, owned, wished, anywhere }, decisions);
  const { reason = '', stops = false } = caution ?? {};
  if (stops) return { zone, decisions, refusal: reason };
  // Whoever lets go of many names keeps nobody else from new ones.
  const allowed = caution ? decisions.map(each => (wished.has(each.name) ? each : held(each))) : decisions;
  return {
    zone,
    decisions: withoutLoops(zone, records, allowed),
    ...(caution && { withheld: reason }),
  };
}

const held = (decision: Decision): Decision =>
  decision.kind === 'change'
    ? left(decision, 'hold', `${decision.why}; too many names would go at once`)
    : decision;

function short(decision: Decision): Decision {
  const disputed = decision.disputed !== undefined && { disputed: told(decision.disputed) };
  if (decision.kind === 'change') return { ...decision, ...disputed, why: told(decision.why) };
  return decision.kind === 'keep'
    ? { ...decision, ...disputed }
    : { ...decision, ...disputed, reason: told(decision.reason) };
}

export const changes = ({ decisions }: Plan): Change[] => decisions.filter(each => each.kind === 'change');

export const operations = ({ decisions }: Plan): Operation[] => operationsOf(decisions);

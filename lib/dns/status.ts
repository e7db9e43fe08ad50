import type { DnsRecord } from '../cloudflare/cloudflare.ts';
import type { Claim, Wishes } from './claims.ts';
import type { Decision } from './decision.ts';
import type { Operation } from './difference.ts';
import { sorted } from './host.ts';
import type { Plan } from './plan.ts';
import type { Target } from './target.ts';
import { zoneOf } from './zones.ts';

/** How a host stands. */
export interface HostStatus {
  /** A name; what it stands in when that is not understood is not for everybody's eyes, and its object is named. */
  host: string;
  /** `IngressRoute shop/ui`; several when they claim the same name, none when none does any longer. */
  objects: string[];
  /** What is at Cloudflare: `A 203.0.113.7`. */
  records: string[];
  state:
    | 'as wished'
    | 'missing'
    | 'differs'
    | 'waits'
    | 'conflict'
    | 'left over'
    | 'in no zone'
    | 'not understood';
  /** Why it is not as wished. */
  detail?: string;
  /** Where the records lead that are there, whoever's they are: what a resolver is to say. */
  targets: readonly Target[];
  proxied: boolean;
}

/** Every host that is wished or ours, sorted, and how it stands; what is not understood comes last. */
export function statusOf(plans: readonly Plan[], { claims, unreadable }: Wishes): HostStatus[] {
  const claimed = Map.groupBy(claims, ({ name }) => name);
  const decided = new Map<string, Decision>();
  const zones = plans.map(({ zone }) => zone);
  // A zone above may still hold it too, and that of its own counts.
  for (const { zone, decisions } of plans)
    for (const each of decisions)
      if (!decided.has(each.name) || zoneOf(each.name, zones) === zone) decided.set(each.name, each);
  const hosts = sorted(new Set([...claimed.keys(), ...decided.keys()]));
  return [
    ...hosts.map(host => standing(host, claimed.get(host) ?? [], decided.get(host))),
    ...unreadable.map(
      ({ source, reason }): HostStatus => ({
        ...{
          host: '(not understood)',
          objects: [source],
          records: [],
          state: 'not understood',
          detail: reason,
        },
        ...{ targets: [], proxied: false },
      }),
    ),
  ];
}

function standing(host: string, claims: readonly Claim[], decision: Decision | undefined): HostStatus {
  const objects = [...new Set(claims.map(({ source }) => source))].sort();
  const there = decision?.records ?? [];
  const records = there.map(shown);
  const targets = there.map(({ type, content }) => ({ type, content }) as Target);
  const common = { host, objects, records, targets, proxied: there.some(each => each.proxied) };
  if (!decision) return { ...common, state: 'in no zone', detail: 'left to others' };
  if (decision.kind === 'conflict') return { ...common, state: 'conflict', detail: decision.reason };
  if (decision.kind === 'change') {
    const { operations, why } = decision;
    if (claims.length === 0) return { ...common, state: 'left over', detail: why };
    const to = wanted(decision.records, operations);
    const isSame = records.toSorted().join() === to.toSorted().join();
    const detail = isSame ? 'to have a new owner mark' : `to be ${to.join(', ')}`;
    return { ...common, state: records.length === 0 ? 'missing' : 'differs', detail };
  }
  if (decision.kind === 'hold') return { ...common, state: 'waits', detail: decision.reason };
  return {
    ...common,
    state: 'as wished',
    ...(decision.disputed !== undefined && { detail: decision.disputed }),
  };
}

interface Shown {
  type: string;
  content: string;
  ttl: number;
  proxied: boolean;
}

const shown = ({ type, content, ttl, proxied }: Shown): string =>
  [type, content, ...(proxied ? ['proxied'] : []), ...(ttl === 1 ? [] : [`TTL ${ttl} s`])].join(' ');

/** What there is to be at the name. */
function wanted(records: readonly DnsRecord[], operations: readonly Operation[]): string[] {
  const gone = new Set(operations.flatMap(each => ('before' in each ? [each.before.id] : [])));
  const coming = operations.flatMap(each => ('after' in each ? [each.after] : []));
  return [...records.filter(({ id }) => !gone.has(id)), ...coming].map(shown);
}

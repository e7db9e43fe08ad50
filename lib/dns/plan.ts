import { domainToUnicode } from 'node:url';
import type { DnsRecord } from '../cloudflare/cloudflare.ts';
import { shown } from '../runner/text.ts';
import { type Claim, told, type Wishes } from './claims.ts';
import { difference, type Operation } from './difference.ts';
import { guard } from './guard.ts';
import { sorted } from './host.ts';
import { cutSource, format, type Identity, isOwned, parse } from './marker.ts';
import { foreign, isAdoptable, isOurs, isProven, leads, noSuccession, type Succession } from './ownership.ts';
import { type TxtRegistry, txtRegistry } from './txt-registry.ts';
import { type Defaults, isLoop, type WantedRecord, wanted } from './wanted.ts';

/** What is decided for one name. */
export type Decision = {
  name: string;
  /** Who wants it to lead elsewhere and does not get it, one clause. */
  disputed?: string;
} & (
  | { kind: 'change'; operations: Operation[]; why: string }
  /** Everything is as wished. */
  | { kind: 'keep'; records: DnsRecord[] }
  /** What is there stays, for it is not certain what is wished. */
  | { kind: 'hold'; records: DnsRecord[]; reason: string }
  /** Somebody else's record, or two wishes that exclude each other: a person must decide. */
  | { kind: 'conflict'; reason: string }
);
export type Change = Extract<Decision, { kind: 'change' }>;

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
  const { zone, records, identity, wishes, succession = noSuccession, allowDeletes } = world;
  const view: View = {
    ...{ zone, identity, succession, homes: world.homes ?? new Map() },
    defaults: world.defaults ?? { ttl: 1, proxied: false },
    registry: txtRegistry(records, succession.txt, new Set(wishes.claims.map(({ name }) => name))),
    there: Map.groupBy(records, ({ name }) => name),
    claims: Map.groupBy(wishes.claims, ({ name }) => name),
    delegated: new Set(records.flatMap(({ type, name }) => (type === 'NS' && name !== zone ? [name] : []))),
  };
  const owned = new Set(records.filter(each => isOurs(each, identity, succession)).map(({ name }) => name));
  const decisions = sorted(new Set([...view.claims.keys(), ...owned])).map((name): Decision => {
    const claims = view.claims.get(name);
    return short(claims ? claimed(name, claims, view) : unclaimed(name, world, view));
  });
  const wished = new Set([...view.claims.keys(), ...[...owned].filter(name => view.homes.has(name))]);
  const caution = allowDeletes ? undefined : guard(owned, wished, decisions);
  if (!caution) return { zone, decisions };
  const { reason, stops } = caution;
  if (stops) return { zone, decisions, refusal: reason };
  // Whoever lets go of many names keeps nobody else from new ones.
  return {
    zone,
    decisions: decisions.map(each => (wished.has(each.name) ? each : held(each))),
    withheld: reason,
  };
}

function held(decision: Decision): Decision {
  if (decision.kind !== 'change') return decision;
  const records = decision.operations.flatMap(each => (each.kind === 'delete' ? [each.before] : []));
  return {
    kind: 'hold',
    name: decision.name,
    records,
    reason: `${decision.why}; too many names would go at once`,
  };
}

function short(decision: Decision): Decision {
  const disputed = decision.disputed !== undefined && { disputed: told(decision.disputed) };
  if (decision.kind === 'change') return { ...decision, ...disputed, why: told(decision.why) };
  return decision.kind === 'keep'
    ? { ...decision, ...disputed }
    : { ...decision, reason: told(decision.reason) };
}

export const changes = ({ decisions }: Plan): Change[] => decisions.filter(each => each.kind === 'change');

export const operations = (plan: Plan): Operation[] => changes(plan).flatMap(change => change.operations);

interface View {
  zone: string;
  identity: Identity;
  succession: Succession;
  homes: ReadonlyMap<string, string>;
  defaults: Defaults;
  registry: TxtRegistry;
  there: ReadonlyMap<string, DnsRecord[]>;
  claims: ReadonlyMap<string, Claim[]>;
  /** Names below the zone's own that have name servers of their own. */
  delegated: ReadonlySet<string>;
}

function claimed(name: string, claims: readonly Claim[], view: View): Decision {
  const { identity, succession, registry } = view;
  const delegation = delegatedAt(name, view);
  if (delegation !== undefined) {
    const reason = `${delegation} has name servers of its own, so nobody would ask this zone: name that zone in "zones", or choose another host`;
    return { kind: 'conflict', name, reason };
  }
  const here = (view.there.get(name) ?? []).filter(leads);
  const marked = here.filter(record => isOurs(record, identity, succession));
  // A mark of ours, whoever's, says more than what external-dns has left beside it.
  const migrated = here.filter(record => {
    const said = parse(record.comment) ? [] : registry.of(record);
    return said.length > 0 && said.every(each => isProven(each, claims, succession));
  });
  const unclear = migrated.length > 0 && registry.at(name).find(({ names }) => names.length > 1);
  if (unclear) {
    const reason = `the TXT ${unclear.txt.name} of external-dns may be about any of ${unclear.names.join(', ')}: delete it at Cloudflare if it is not about this name, or the record if it is not external-dns's`;
    return { kind: 'conflict', name, reason };
  }
  const ours = [...marked, ...migrated];
  const others = here.filter(record => !ours.includes(record));
  const wish = wanted(name, claims, ours.length > 0 ? ours : others, view.defaults);
  const records = wish.kind === 'records' ? wish.records : [];

  const adoptable = succession.adopt ? others.filter(each => isAdoptable(each, wish, registry)) : [];
  const stranger = others.find(each => !adoptable.includes(each));
  if (stranger) return { kind: 'conflict', name, reason: foreign(stranger, identity, registry, wish) };
  if (wish.kind === 'conflict') return { kind: 'conflict', name, reason: wish.reason };
  const doubt = adoptable.length > 0 && registry.doubtful(name);
  if (doubt) {
    const reason = `the TXT ${doubt.name} may say that external-dns keeps it: give "txt-prefix" and so on as external-dns has them before "adopt", or delete that TXT`;
    return { kind: 'hold', name, records: here, reason };
  }
  // What external-dns has stays external-dns's until it is certain where it leads.
  if (wish.kind === 'hold') return { kind: 'hold', name, records: here, reason: wish.reason };
  const exists = (target: string) => view.there.has(target) || view.claims.has(target);
  if (records.some(record => isLoop(name, record, exists))) {
    const reason = `its target ${records[0]?.content} exists nowhere but through this wildcard: give another target`;
    return { kind: 'conflict', name, reason };
  }

  const beside = besideAlias(name, here, records, view);
  if (beside) {
    const reason = `there is ${beside.type} ${shown(beside.content)}, and what asks for that would be sent to ${records[0]?.content}: give addresses as its target, or choose another host`;
    return { kind: 'conflict', name, reason };
  }

  const all = [...ours, ...adoptable];
  const operations = difference(name, all, records, commentFor(all, claims, identity));
  if (migrated.length > 0) operations.push(...txtDeletions(name, claims, view));
  const disputed = wish.disputed !== undefined && { disputed: wish.disputed };
  if (operations.length === 0) return { kind: 'keep', name, records: all, ...disputed };
  const origins = [
    migrated.length > 0 && 'migrated from external-dns',
    adoptable.length > 0 && 'adopted',
    marked.some(({ comment }) => !isOwned(comment, identity)) && 'taken over',
  ].filter(Boolean);
  return { kind: 'change', name, operations, why: [sourcesOf(claims), ...origins].join(', '), ...disputed };
}

/** What a new CNAME would speak for as well; the zone's own name is flattened, and external-dns's TXT may be on its way out. */
function besideAlias(
  name: string,
  here: readonly DnsRecord[],
  wanted: readonly WantedRecord[],
  { zone, there, registry }: View,
): DnsRecord | undefined {
  const isNew = !here.some(({ type }) => type === 'CNAME');
  if (name === zone || !isNew || wanted[0]?.type !== 'CNAME') return undefined;
  const said = new Set(registry.at(name).map(({ txt }) => txt));
  return there.get(name)?.find(each => !leads(each) && !said.has(each));
}

/** The name itself or one above it, if asking this zone for it ends at another's name servers. */
function delegatedAt(name: string, { zone, delegated }: View): string | undefined {
  if (delegated.size === 0) return undefined;
  for (let at = name; at !== zone && at.includes('.'); at = at.slice(at.indexOf('.') + 1))
    if (delegated.has(at)) return at;
  return undefined;
}

/** What external-dns has written about a name goes with the records that it wrote it about. */
const txtDeletions = (name: string, claims: readonly Claim[], { registry, succession }: View): Operation[] =>
  registry
    .at(name)
    .filter(each => isProven(each, claims, succession) && ['', 'A', 'AAAA', 'CNAME'].includes(each.type))
    .map(({ txt }) => ({ kind: 'delete', before: txt }));

function unclaimed(name: string, { wishes, allowDeletes, kinds }: World, view: View): Decision {
  const { identity, succession } = view;
  const ours = (view.there.get(name) ?? []).filter(record => isOurs(record, identity, succession));
  const was = new Set(ours.map(({ comment }) => parse(comment)?.source));
  const spellings = [name, domainToUnicode(name)];
  const claimant = wishes.unreadable.find(
    ({ source, text }) =>
      was.has(cutSource({ ...identity, source })) ||
      spellings.some(spelling => text.toLowerCase().includes(spelling)),
  );
  if (claimant) {
    const reason = `${claimant.source} may still claim it, and ${claimant.reason}`;
    return { kind: 'hold', name, records: ours, reason };
  }
  if ((wishes.unseen ?? []).length > 0)
    return { kind: 'hold', name, records: ours, reason: 'nothing that is seen claims it, and not all is' };
  if (!allowDeletes) {
    const aside = asideFrom(ours, identity, kinds);
    if (aside)
      return {
        kind: 'hold',
        name,
        records: ours,
        reason: `${aside}; allow-deletes lets it go`,
      };
  }
  const home = view.homes.get(name);
  // Until the name servers here send those who ask elsewhere, what stands here is what they get.
  if (home !== undefined && delegatedAt(name, view) === undefined) {
    const reason = `it belongs to the zone ${home} now, which ${view.zone} does not delegate yet: add its NS records to ${view.zone}`;
    return { kind: 'hold', name, records: ours, reason };
  }
  return {
    ...{ kind: 'change', name },
    operations: ours.map(record => ({ kind: 'delete', before: record })),
    why: `${home === undefined ? 'claimed no longer' : `in the zone ${home} now`}, was for ${[...was].join(', ')}`,
  };
}

/** Why it is no sign that a name may go that nothing claims it. */
function asideFrom(
  ours: readonly DnsRecord[],
  identity: Identity,
  kinds: ReadonlySet<string> | undefined,
): string | undefined {
  const marks = ours.flatMap(({ comment }) => parse(comment) ?? []);
  // A rebuilt cluster fills up while it is read already.
  if (marks.every(({ cluster }) => cluster !== identity.cluster))
    return 'it was of the cluster that is taken over, and nothing claims it in this one yet';
  const unread = marks
    .map(({ source }) => source.split(' ')[0] ?? '')
    .find(kind => kinds?.has(kind) === false);
  return unread && `it was for an object of the kind ${unread}, which is not among "sources" now`;
}

const sourcesOf = (claims: readonly Claim[]): string =>
  [...new Set(claims.map(({ source }) => source))].sort().join(', ');

/** The mark that is there already, as long as its object claims the name: two claimants would otherwise take turns. */
function commentFor(ours: readonly DnsRecord[], claims: readonly Claim[], identity: Identity): string {
  const marks = claims.map(({ source }) => format({ ...identity, source })).sort();
  const present = ours.map(({ comment }) => comment).find(comment => marks.includes(comment ?? ''));
  return present ?? marks[0] ?? '';
}

import { domainToUnicode } from 'node:url';
import type { DnsRecord } from '../cloudflare/cloudflare.ts';
import type { Claim, Unreadable, Wishes } from './claims.ts';
import { sorted } from './host.ts';
import { format, type Identity, isOwned, parse } from './marker.ts';
import type { Target } from './target.ts';

export type NewRecord = Omit<DnsRecord, 'id'>;

export type Operation =
  | { kind: 'create'; after: NewRecord }
  | { kind: 'patch'; before: DnsRecord; after: NewRecord }
  | { kind: 'delete'; before: DnsRecord };

/** What is decided for one name. */
export type Decision = { name: string } & (
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
  notes: string[];
  /** Why nothing of it may be done. */
  refusal?: string;
}

export interface World {
  zone: string;
  /** All records of the zone, other people's too. */
  records: readonly DnsRecord[];
  identity: Identity;
  wishes: Wishes;
  allowDeletes: boolean;
}

/** Compares what is wished with what is there. Records that do not carry our mark are looked at and never touched. */
export function plan({ zone, records, identity, wishes, allowDeletes }: World): Plan {
  const there = Map.groupBy(records, ({ name }) => name);
  const claims = Map.groupBy(wishes.claims, ({ name }) => name);
  // We write no other types: a mark on one of them has been copied there by hand.
  const isOurs = ({ type, comment }: DnsRecord) => leads(type) && isOwned(comment, identity);
  const owned = new Set(records.filter(isOurs).map(({ name }) => name));

  const names = sorted(new Set([...claims.keys(), ...owned]));
  const decisions = names.map((name): Decision => {
    const here = there.get(name) ?? [];
    const ours = here.filter(isOurs);
    const claimed = claims.get(name);
    if (!claimed) return unclaimed(name, ours, wishes.unreadable, identity);
    const stranger = here.find(record => !isOurs(record) && excludes(record, zone));
    if (stranger) return { kind: 'conflict', name, reason: foreign(stranger, identity) };
    return wished(name, ours, claimed, identity);
  });

  const refusal = allowDeletes ? undefined : guard(owned, new Set(claims.keys()), decisions);
  const unreadable = wishes.unreadable.map(({ source, reason }) => `${source}: ${reason}`);
  return { zone, decisions, notes: [...unreadable, ...wishes.notes], ...(refusal && { refusal }) };
}

export const changes = ({ decisions }: Plan): Change[] => decisions.filter(each => each.kind === 'change');

const leads = (type: string): boolean => ['A', 'AAAA', 'CNAME'].includes(type);

/** Whether it leads the name elsewhere, so that nothing of ours may stand beside it. The zone's own name servers may. */
const excludes = ({ type, name }: DnsRecord, zone: string): boolean =>
  leads(type) || (type === 'NS' && name !== zone);

function foreign({ type, content, comment }: DnsRecord, identity: Identity): string {
  const marker = parse(comment);
  const whose = !marker
    ? 'which is not ours'
    : marker.owner === identity.owner
      ? `which another cluster of owner ${marker.owner} keeps`
      : `which owner ${marker.owner} keeps`;
  return `there is ${type} ${content}, ${whose}: delete it at Cloudflare to hand this name over, or choose another host`;
}

function unclaimed(
  name: string,
  ours: DnsRecord[],
  unreadable: readonly Unreadable[],
  identity: Identity,
): Decision {
  const marks = new Set(ours.map(({ comment }) => comment));
  const spellings = [name, domainToUnicode(name)];
  const claimant = unreadable.find(
    ({ source, text }) =>
      marks.has(format({ ...identity, source })) ||
      spellings.some(spelling => text.toLowerCase().includes(spelling)),
  );
  if (claimant) {
    const reason = `${claimant.source} may still claim it, and ${claimant.reason}`;
    return { kind: 'hold', name, records: ours, reason };
  }
  const source = parse(ours[0]?.comment ?? null)?.source ?? 'an unknown object';
  return {
    kind: 'change',
    name,
    operations: ours.map(record => ({ kind: 'delete', before: record })),
    why: `claimed no longer, was for ${source}`,
  };
}

function wished(name: string, ours: DnsRecord[], claims: readonly Claim[], identity: Identity): Decision {
  const settled = claims.filter(({ targets }) => targets.length > 0);
  if (settled.length === 0) {
    const reason = `${sourcesOf(claims)} has no address yet`;
    return { kind: 'hold', name, records: ours, reason };
  }
  const targets = agree(settled, ours);
  if (!targets) {
    const each = settled.map(claim => `${claim.source} to ${targetKey(claim.targets)}`).join(', ');
    return { kind: 'conflict', name, reason: `its objects want it to lead to different places: ${each}` };
  }
  if (targets.some(({ type, content }) => type === 'CNAME' && content === name)) {
    return { kind: 'conflict', name, reason: 'its target is the name itself: give another target' };
  }
  const operations = difference(name, ours, targets, commentFor(ours, claims, identity));
  if (operations.length === 0) return { kind: 'keep', name, records: ours };
  return { kind: 'change', name, operations, why: sourcesOf(claims) };
}

const sourcesOf = (claims: readonly Claim[]): string =>
  [...new Set(claims.map(({ source }) => source))].sort().join(', ');

const targetKey = (targets: readonly Pick<Target, 'content'>[]): string =>
  targets
    .map(({ content }) => content)
    .sort()
    .join(' ');

/** The targets that all claims share; when they differ, those of the claim that is served already. */
function agree(claims: readonly Claim[], ours: readonly DnsRecord[]): readonly Target[] | undefined {
  const wanted = new Map(claims.map(({ targets }) => [targetKey(targets), targets]));
  return wanted.size === 1 ? claims[0]?.targets : wanted.get(targetKey(ours));
}

/** The mark that is there already, as long as its object claims the name: two claimants would otherwise take turns. */
function commentFor(ours: readonly DnsRecord[], claims: readonly Claim[], identity: Identity): string {
  const marks = claims.map(({ source }) => format({ ...identity, source })).sort();
  const present = ours.map(({ comment }) => comment).find(comment => marks.includes(comment ?? ''));
  return present ?? marks[0] ?? '';
}

function difference(
  name: string,
  ours: readonly DnsRecord[],
  targets: readonly Target[],
  comment: string,
): Operation[] {
  const left = [...ours];
  const take = (suits: (record: DnsRecord) => boolean): DnsRecord | undefined => {
    const found = left.findIndex(suits);
    return found < 0 ? undefined : left.splice(found, 1)[0];
  };
  const wanted = targets.map((target): NewRecord => ({ ...target, name, ttl: 1, proxied: false, comment }));
  // First those that lead there already, so that no record is bent to a place where another stands.
  const paired = wanted.map(after => ({
    after,
    before: take(({ type, content }) => type === after.type && content === after.content),
  }));
  const operations = paired.flatMap(
    ({ after, before = take(({ type }) => type === after.type) }): Operation[] => {
      if (!before) return [{ kind: 'create', after }];
      return isSame(before, after) ? [] : [{ kind: 'patch', before, after }];
    },
  );
  return [...operations, ...left.map((before): Operation => ({ kind: 'delete', before }))];
}

export const patched = ['content', 'ttl', 'proxied', 'comment'] as const;
const isSame = (before: DnsRecord, after: NewRecord) => patched.every(key => before[key] === after[key]);

/** Names that vanish, not operations: an A that becomes a CNAME is no deletion. */
function guard(owned: ReadonlySet<string>, claimed: ReadonlySet<string>, decisions: readonly Decision[]) {
  const vanishing = decisions.filter(({ kind, name }) => kind === 'change' && !claimed.has(name)).length;
  if (vanishing === 0) return undefined;
  const anyway = 'see that the cluster is the right one, then run it again with allow-deletes';
  if (claimed.size === 0)
    return `The cluster has no host at all, and all ${count(vanishing, 'name')} would go: ${anyway}`;
  if (owned.size >= 10 && vanishing > owned.size * 0.3)
    return `${vanishing} of ${count(owned.size, 'name')} would go, which is more than 30 %: ${anyway}`;
  return undefined;
}

export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

import type { DnsRecord } from '../cloudflare/cloudflare.ts';
import { shown } from '../runner/text.ts';
import type { Claim } from './claims.ts';
import type { Decision } from './decision.ts';
import { difference, type Operation } from './difference.ts';
import { holderOf } from './holder.ts';
import { format, type Identity, isOwned, parse } from './marker.ts';
import { foreign, isAdoptable, isOurs, isProven, leads } from './ownership.ts';
import type { TxtOwnership } from './txt-registry.ts';
import { delegatedAt, type View } from './view.ts';
import { leadsTo, type WantedRecord, wanted } from './wanted.ts';

/** What becomes of a name that objects claim. */
export function claimed(name: string, claims: readonly Claim[], view: View): Decision {
  const { identity, succession, registry } = view;
  const records = (view.there.get(name) ?? []).filter(leads);
  const conflict = (reason: string): Decision => ({ kind: 'conflict', name, records, reason });
  const hold = (reason: string): Decision => ({ kind: 'hold', name, records, reason });

  const delegation = delegatedAt(name, view);
  if (delegation !== undefined)
    return conflict(
      `${delegation} has name servers of its own, so nobody would ask this zone: name that zone in "zones", or choose another host`,
    );
  const marked = records.filter(record => isOurs(record, identity, succession));
  // A mark of ours, whoever's, says more than what external-dns has left beside it.
  const migrated = records.filter(record => {
    const said = parse(record.comment) ? [] : registry.of(record);
    return said.length > 0 && said.every(each => isProven(each, claims, succession));
  });
  if (migrated.length > 0) {
    const unclear = ambiguous(name, registry.at(name));
    if (unclear !== undefined) return conflict(unclear);
  }
  const ours = [...marked, ...migrated];
  const others = records.filter(record => !ours.includes(record));
  const said = {
    marks: new Set(marked.flatMap(({ comment }) => parse(comment)?.source ?? [])),
    txts: migrated.flatMap(record => registry.of(record)),
  };
  const holder = holderOf(claims, said, identity, view.doubts);
  const first = holder.kind === 'settled' ? holder.claims : [];
  const present = ours.length > 0 ? ours : others;
  const wish = wanted(claims, { first, present, defaults: view.defaults });

  const adoptable = succession.adopt ? others.filter(each => isAdoptable(each, wish, registry)) : [];
  const stranger = others.find(each => !adoptable.includes(each));
  if (stranger) return conflict(foreign(stranger, identity, registry, wish));
  // What external-dns has stays external-dns's until it is certain where it leads.
  if (wish.kind === 'hold') return hold(wish.reason);
  if (holder.kind === 'waits') return hold(holder.reason);
  if (wish.kind === 'conflict') return conflict(wish.reason);
  const doubt = adoptable.length > 0 && registry.doubtful(name);
  if (doubt)
    return hold(
      `the TXT ${doubt.name} may say that external-dns keeps it: give "txt-prefix" and so on as external-dns has them before "adopt", or delete that TXT`,
    );
  const isWritten = marked.some(({ comment }) => isOwned(comment, identity));
  if (isWritten && isLapsed(wish.claims, first) && leadsTo(ours) !== leadsTo(wish.records))
    return hold(
      `${sourcesOf(wish.claims)}: its status is empty, and what was made from it leads to ${leadsTo(ours)}: wait for its controller, or give the annotation target`,
    );
  const beside = besideAlias(name, records, wish.records, view);
  if (beside)
    return conflict(
      `there is ${beside.type} ${shown(beside.content)}, and what asks for that would be sent to ${leadsTo(wish.records)}: give addresses as its target, or choose another host`,
    );

  const all = [...ours, ...adoptable];
  const operations = difference(name, all, wish.records, commentFor(all, wish.claims, identity));
  // What external-dns has written of a record that is gone makes it the owner of the next one there.
  const orphans = operations.flatMap(each => (each.kind === 'create' ? registry.of(each.after) : []));
  const keeper = orphans.find(each => !isProven(each, claims, succession));
  if (keeper)
    return conflict(
      `by the TXT ${keeper.txt.name} external-dns (owner ${shown(keeper.owner)}) keeps it for ${shown(keeper.resource) || 'an unknown object'}, and would delete what is made here: delete that TXT, or name the owner in "txt-owners" once that object claims this name here`,
    );
  const unclear = orphans.length > 0 ? ambiguous(name, registry.at(name)) : undefined;
  if (unclear !== undefined) return conflict(unclear);
  if (migrated.length + orphans.length > 0) operations.push(...txtDeletions(name, claims, view));

  const disputed = wish.disputed !== undefined && { disputed: wish.disputed };
  if (operations.length === 0) return { kind: 'keep', name, records, ...disputed };
  const origins = [
    migrated.length + orphans.length > 0 && 'migrated from external-dns',
    adoptable.length > 0 && 'adopted',
    marked.some(({ comment }) => !isOwned(comment, identity)) && 'taken over',
  ].filter(Boolean);
  const why = [sourcesOf(wish.claims), ...origins].join(', ');
  return { kind: 'change', name, records, operations, why, ...disputed };
}

/** Whether only its holder wants it, by an address that is not its own: it may have had one a moment ago. */
const isLapsed = (chosen: readonly Claim[], holders: readonly Claim[]): boolean =>
  holders.length > 0 && chosen.every(({ lapsed }) => lapsed);

function ambiguous(name: string, said: readonly TxtOwnership[]): string | undefined {
  const unclear = said.find(({ names }) => names.some(each => each !== name));
  return (
    unclear &&
    `the TXT ${unclear.txt.name} of external-dns may be about any of ${unclear.names.join(', ')}: delete it at Cloudflare if it is not about this name, or the record if it is not external-dns's`
  );
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

/** What external-dns has written about a name goes with the records that it wrote it about. */
const txtDeletions = (name: string, claims: readonly Claim[], { registry, succession }: View): Operation[] =>
  registry
    .at(name)
    .filter(each => isProven(each, claims, succession) && ['', 'A', 'AAAA', 'CNAME'].includes(each.type))
    .map(({ txt }) => ({ kind: 'delete', before: txt }));

const sourcesOf = (claims: readonly Claim[]): string =>
  [...new Set(claims.map(({ source }) => source))].sort().join(', ');

/** The mark that is there already, as long as its object gets what it wants: two of one mind would otherwise take turns. */
function commentFor(ours: readonly DnsRecord[], claims: readonly Claim[], identity: Identity): string {
  const marks = claims.map(({ source }) => format({ ...identity, source })).sort();
  const present = ours.map(({ comment }) => comment).find(comment => marks.includes(comment ?? ''));
  return present ?? marks[0] ?? '';
}

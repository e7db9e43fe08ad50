import type { DnsRecord } from '../cloudflare/cloudflare.ts';
import type { Decision } from './decision.ts';
import { type Identity, parse } from './marker.ts';
import { isOurs, leads } from './ownership.ts';
import { delegatedAt, type View } from './view.ts';

/** What becomes of a name that is ours and that nothing claims. */
export function unclaimed(name: string, view: View): Decision {
  const { identity, succession, world } = view;
  const records = (view.there.get(name) ?? []).filter(leads);
  const ours = records.filter(record => isOurs(record, identity, succession));
  const marks = new Set(ours.flatMap(({ comment }) => parse(comment)?.source ?? []));
  const home = view.homes.get(name);
  const reason =
    view.doubts.ofObject(marks) ??
    view.doubts.about(name) ??
    ((world.wishes.unseen ?? []).length > 0
      ? `nothing ${world.wishes.folder === undefined ? 'that is seen' : `in ${world.wishes.folder}`} claims it, and not all is seen`
      : undefined) ??
    (world.allowDeletes ? undefined : asideFrom(ours, identity, world.kinds)) ??
    // Until the name servers here send those who ask elsewhere, what stands here is what they get.
    (home !== undefined && delegatedAt(name, view) === undefined
      ? `it belongs to the zone ${home} now, which ${view.zone} does not delegate yet: add its NS records to ${view.zone}`
      : undefined);
  const { folder } = world.wishes;
  const gone = folder === undefined ? 'claimed no longer' : `nothing in ${folder} claims it`;
  if (reason !== undefined) return { kind: 'hold', name, records, reason };
  return {
    ...{ kind: 'change', name, records },
    operations: ours.map(record => ({ kind: 'delete', before: record })),
    why: `${home === undefined ? gone : `in the zone ${home} now`}, was for ${[...marks].join(', ')}`,
  };
}

/** Why it is no sign that a name may go that nothing claims it. */
function asideFrom(
  ours: readonly DnsRecord[],
  identity: Identity,
  kinds: ReadonlySet<string> | undefined,
): string | undefined {
  const marks = ours.flatMap(({ comment }) => parse(comment) ?? []);
  const cure = 'allow-deletes lets it go';
  // A rebuilt cluster fills up while it is read already.
  if (marks.every(({ cluster }) => cluster !== identity.cluster))
    return `it was of the cluster that is taken over, and nothing claims it in this one yet; ${cure}`;
  const unread = marks
    .map(({ source }) => source.split(' ')[0] ?? '')
    .find(kind => kinds?.has(kind) === false);
  return unread && `it was for an object of the kind ${unread}, which is not among "sources" now; ${cure}`;
}

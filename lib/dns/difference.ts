import type { DnsRecord } from '../cloudflare/cloudflare.ts';
import type { WantedRecord } from './wanted.ts';

export type NewRecord = Omit<DnsRecord, 'id'>;

export type Operation =
  | { kind: 'create'; after: NewRecord }
  | { kind: 'patch'; before: DnsRecord; after: NewRecord }
  | { kind: 'delete'; before: DnsRecord };

/** What turns the records of one name that are ours into those that are wanted, with as few operations as can be. */
export function difference(
  name: string,
  ours: readonly DnsRecord[],
  wanted: readonly WantedRecord[],
  comment: string,
): Operation[] {
  const left = [...ours];
  const take = (suits: (record: DnsRecord) => boolean): DnsRecord | undefined => {
    const found = left.findIndex(suits);
    return found < 0 ? undefined : left.splice(found, 1)[0];
  };
  // First those that lead there already, so that no record is bent to a place where another stands.
  const paired = wanted.map(({ type, content, ttl, proxied }) => ({
    after: { name, type, content, ttl, proxied, comment },
    before: take(each => type === each.type && content === each.content),
  }));
  const operations = paired.flatMap(
    ({ after, before = take(({ type }) => type === after.type) }): Operation[] => {
      if (!before) return [{ kind: 'create', after }];
      return isSame(before, after) ? [] : [{ kind: 'patch', before, after }];
    },
  );
  return [...operations, ...left.map((before): Operation => ({ kind: 'delete', before }))];
}

/** What a patch may name: settings and tags that others have given a record stay. */
export const patched = ['content', 'ttl', 'proxied', 'comment'] as const;
const isSame = (before: DnsRecord, after: NewRecord) => patched.every(key => before[key] === after[key]);

/** Whether these records show that an operation has been done. */
export function isDone(records: readonly DnsRecord[]): (operation: Operation) => boolean {
  const there = new Map(records.map(record => [record.id, record]));
  const at = Map.groupBy(records, ({ name }) => name);
  return operation => {
    if (operation.kind === 'delete') return !there.has(operation.before.id);
    const { after } = operation;
    const found =
      operation.kind === 'create'
        ? at.get(after.name)?.find(each => each.type === after.type && each.content === after.content)
        : there.get(operation.before.id);
    return found !== undefined && isSame(found, after);
  };
}

import { randomBytes } from 'node:crypto';
import { errors } from './errors.ts';
import { type Batch, type DnsRecord, normalise, type RecordFields, type WholeRecord } from './record.ts';

/**
 * What a plan allows. https://developers.cloudflare.com/dns/manage-dns-records/#record-quota,
 * https://developers.cloudflare.com/dns/manage-dns-records/how-to/batch-record-changes/
 */
export interface Plan {
  legacy_id: string;
  name: string;
  records: number;
  batch: number;
  comment: number;
  tags: number;
}

export const plans = {
  free: { legacy_id: 'free', name: 'Free Website', records: 200, batch: 200, comment: 100, tags: 0 },
  pro: { legacy_id: 'pro', name: 'Pro Website', records: 3500, batch: 3500, comment: 500, tags: 20 },
  /** With more records than the plan has by itself, as one can ask for. */
  enterprise: {
    ...{ legacy_id: 'enterprise', name: 'Enterprise Website' },
    ...{ records: 200_000, batch: 3500, comment: 500, tags: 20 },
  },
} satisfies Record<string, Plan>;

export interface Zone {
  id: string;
  name: string;
  plan: Plan;
  status: 'initializing' | 'pending' | 'active' | 'moved';
  /** By id, in the order of their creation. */
  records: Map<string, DnsRecord>;
}

export const newId = (): string => randomBytes(16).toString('hex');

/**
 * One transaction: changes are made on a copy and kept only when none of them throws. Each is checked against what the
 * ones before it have left.
 */
export function transaction<T>(zone: Zone, work: (draft: Draft) => T): T {
  const records = new Map(zone.records);
  const named = new Map<string, Set<DnsRecord>>();
  for (const record of records.values()) beside(named, record.name).add(record);
  const result = work({ zone, records, named });
  zone.records = records;
  return result;
}

interface Draft {
  zone: Zone;
  records: Map<string, DnsRecord>;
  /** The same by name. */
  named: Map<string, Set<DnsRecord>>;
}

function beside(named: Draft['named'], name: string): Set<DnsRecord> {
  const there = named.get(name) ?? new Set();
  named.set(name, there);
  return there;
}

/** Deletes, patches, puts, posts: always in this order, each list as given. */
export const batch = (zone: Zone, { deletes = [], patches = [], puts = [], posts = [] }: Batch) => {
  const count = deletes.length + patches.length + puts.length + posts.length;
  if (count > zone.plan.batch) throw errors.batchTooLarge(zone.plan.batch);
  return transaction(zone, draft => ({
    deletes: deletes.map(({ id }) => remove(draft, id)),
    patches: patches.map(({ id, ...fields }) => patch(draft, id, fields)),
    puts: puts.map(({ id, ...record }) => put(draft, id, record)),
    posts: posts.map(record => create(draft, record)),
  }));
};

export function create(draft: Draft, given: WholeRecord): DnsRecord {
  const { zone, records, named } = draft;
  if (records.size >= zone.plan.records) throw errors.quota();
  const values = normalise(given, zone);
  fits(beside(named, values.name), values, zone.name);
  const now = timestamp();
  const record: DnsRecord = {
    id: newId(),
    ...values,
    meta: {},
    created_on: now,
    modified_on: now,
    ...(values.comment && { comment_modified_on: now }),
  };
  records.set(record.id, record);
  beside(named, record.name).add(record);
  return record;
}

/** Keeps what is not given. */
export function patch(draft: Draft, id: string, fields: RecordFields): DnsRecord {
  const before = find(draft.records, id);
  const { type, name, content, ttl, proxied, comment, tags, settings, data, priority } = before;
  return replace(draft, before, {
    ...{ type, name, content, ttl, proxied, comment, tags, settings },
    ...(data && { data }),
    ...(priority !== undefined && { priority }),
    ...fields,
  });
}

/** Resets what is not given. */
export const put = (draft: Draft, id: string, record: WholeRecord): DnsRecord =>
  replace(draft, find(draft.records, id), record);

export function remove({ records, named }: Draft, id: string): DnsRecord {
  const record = find(records, id);
  records.delete(id);
  beside(named, record.name).delete(record);
  return record;
}

function replace({ zone, records, named }: Draft, before: DnsRecord, given: RecordFields): DnsRecord {
  const values = normalise(given, zone);
  beside(named, before.name).delete(before);
  fits(beside(named, values.name), values, zone.name);
  const { id, meta, created_on, comment_modified_on } = before;
  const now = timestamp();
  const commented = values.comment === before.comment ? comment_modified_on : now;
  const record: DnsRecord = {
    ...{ id, ...values, meta, created_on },
    modified_on: now,
    ...(commented && { comment_modified_on: commented }),
  };
  records.set(id, record); // keeps its place
  beside(named, record.name).add(record);
  return record;
}

/** Which records may stand beside each other at one name. */
function fits(
  there: ReadonlySet<DnsRecord>,
  record: Pick<DnsRecord, 'type' | 'name' | 'content'>,
  apex: string,
) {
  const others = [...there];
  const some = (...types: string[]) => others.some(({ type }) => types.includes(type));
  if (others.some(({ type, content }) => type === record.type && content === record.content))
    throw errors.identical();
  if (record.type === 'CNAME' && some('A', 'AAAA', 'CNAME')) throw errors.addressOrAliasExists();
  if (['A', 'AAAA'].includes(record.type) && some('CNAME')) throw errors.aliasExists();
  if (record.name === apex) return;
  if (record.type === 'NS' && others.some(({ type }) => type !== 'NS')) throw errors.othersExist();
  if (record.type !== 'NS' && some('NS')) throw errors.delegationExists();
}

function find(records: Map<string, DnsRecord>, id: string): DnsRecord {
  const record = records.get(id);
  if (!record) throw errors.noRecord();
  return record;
}

// Microseconds, as the API shows them.
const timestamp = (): string => new Date().toISOString().replace('Z', '000Z');

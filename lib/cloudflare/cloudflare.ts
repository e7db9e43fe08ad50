import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordBatchParams } from 'cloudflare/resources/dns/records';
import { UserError } from '../runner/errors.ts';
import { explain, isUserMistake, type Rejection, rejections, retryAfter } from './errors.ts';

export type { Rejection } from './errors.ts';

export interface Zone {
  id: string;
  name: string;
  /** `free`, `pro`, `business` or `enterprise`; undefined when it was not looked up. */
  plan?: string;
}

/** What a zone's plan allows. */
export interface Limits {
  /** How many operations a batch may hold. */
  batch: number;
  /** How many records there may be; undefined when it is not known. */
  records?: number;
}

export interface DnsRecord {
  id: string;
  /** Whole, in Punycode, without a dot at its end. */
  name: string;
  type: string;
  content: string;
  /** Seconds; 1 means automatic. */
  ttl: number;
  proxied: boolean;
  comment: string | null;
}

/** What happens in one transaction, in this order. A patch keeps what it does not name. */
export interface Batch {
  deletes: Pick<DnsRecord, 'id'>[];
  patches: (Pick<DnsRecord, 'id'> & Partial<DnsRecord>)[];
  posts: Omit<DnsRecord, 'id'>[];
}

export type BatchOutcome =
  | { kind: 'applied' }
  /** Nothing of it was applied. */
  | { kind: 'rejected'; errors: readonly Rejection[] }
  /** No answer, or one that cannot be read: it may have been applied. List again before anything else. */
  | { kind: 'lost'; reason: string };

/** Every failure is a UserError of one sentence. */
export interface Cloudflare {
  /** @param id spares the look-up, which a token without the right to read zones may not do */
  zone(name: string, id?: string): Promise<Zone>;
  /**
   * What the zone's plan allows. Asks only for what `need` makes worth asking, and a token that may not ask gets the smallest
   * limits.
   */
  limits(zone: Zone, need: { operations: number; records: number }): Promise<Limits>;
  /** All records of a zone, or an error: never a part of them. */
  records(zone: Zone): Promise<DnsRecord[]>;
  /** Sent once; again only when Cloudflare says that it has not looked at it (429). */
  batch(zone: Zone, batch: Batch): Promise<BatchOutcome>;
}

const attempts = 4;
/** Seconds; Cloudflare blocks for five minutes who has asked too often. */
const longestWait = 330;
const pageSize = 5000;

/** @param tell hears why it takes longer */
export function cloudflare(token: string, tell: (line: string) => void = () => {}): Cloudflare {
  const client = once(() => connect(token));

  /** Waits as told when there were too many requests, and tries reads that failed again. */
  async function patiently<T>(what: string, repeatable: boolean, work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        const seconds = retryAfter(error);
        const again = seconds === undefined ? repeatable && !isUserMistake(error) : seconds <= longestWait;
        if (!again || attempt === attempts) throw error;
        const pause = seconds ?? 2 ** attempt / 4;
        tell(`Cloudflare: ${what} again in ${pause} s (${explain(error)})`);
        await sleep(pause * 1000);
      }
    }
  }

  const read = <T>(what: string, work: () => Promise<T>): Promise<T> =>
    patiently(what, true, work).catch(error => {
      throw new UserError(`Could not ${what} at Cloudflare: ${explain(error)}`, undefined, { cause: error });
    });

  /** For what is good to know and no reason to fail. */
  const ask = <T>(what: string, work: () => Promise<T>): Promise<T | undefined> =>
    patiently(what, true, work).catch(error => {
      tell(`Cloudflare: could not ${what}: ${explain(error)}`);
      return undefined;
    });

  const asked = new Map<string, ReturnType<typeof detailsOf>>();
  const detailsOf = ({ id, name }: Zone, what: string) =>
    ask(`ask for the ${what} of ${name}`, async () => (await client()).zones.get({ zone_id: id }));
  const details = (zone: Zone, what: string) => {
    const known = asked.get(zone.id) ?? detailsOf(zone, what);
    asked.set(zone.id, known);
    return known;
  };

  /** An id that was given may be another zone's; only records of the zone itself, not of one below it, show that it is not. */
  async function assertNamed(zone: Zone, records: readonly DnsRecord[]): Promise<void> {
    if (zone.plan !== undefined) return; // found by its name
    const isWithin = (name: string) => name === zone.name || name.endsWith(`.${zone.name}`);
    if (!records.every(({ name }) => isWithin(name))) return; // plain enough
    const below = (name: string) =>
      name
        .slice(0, -zone.name.length - 1)
        .split('.')
        .at(-1);
    if (new Set(records.map(({ name }) => below(name))).size > 1) return;
    const found = await details(zone, 'name');
    if (found && found.name !== zone.name)
      throw new UserError(
        `the zone with the id ${zone.id} is ${found.name}, not ${zone.name}; take the id from the overview page of ${zone.name}, or leave it out`,
      );
  }

  return {
    async zone(name, id) {
      if (id !== undefined) return { id, name };
      return read(`find the zone ${name}`, async () => {
        const found = complete(await (await client()).zones.list({ name }));
        const named = found.result.filter(each => each.name === name);
        const active = named.filter(({ status }) => status === 'active');
        const [zone, another] = active.length > 0 ? active : named;
        if (another) {
          throw new UserError(
            `there are several zones ${name} that this token may see; give the id of the one that is meant`,
          );
        }
        if (!zone) {
          throw new UserError(
            `there is no zone ${name} that this token may see; see that it belongs to the account and that the token may read it, or give its id`,
          );
        }
        const { legacy_id: plan } = zone.plan ?? {};
        return { id: zone.id, name, ...(plan !== undefined && { plan }) };
      });
    },
    async limits(zone, { operations, records }) {
      const plan =
        zone.plan ??
        (operations > smallest.batch ? (await details(zone, 'plan'))?.plan?.legacy_id : undefined);
      const { batch, records: least } = plan === undefined || plan === 'free' ? smallest : paid;
      // A zone may have been granted more than its plan has; only one near the limit is worth a question.
      if (records <= least) return { batch, records: least };
      const usage = await ask(`ask for the quota of ${zone.name}`, async () =>
        (await client()).dns.usage.zone.get({ zone_id: zone.id }),
      );
      const quota = usage?.record_quota;
      return { batch, ...(typeof quota === 'number' && { records: quota }) };
    },
    records: zone =>
      read(`list the records of ${zone.name}`, async () => {
        const { records } = (await client()).dns;
        const found = new Map<string, DnsRecord>();
        let announced: number | undefined;
        for (let page = 1, pages = 1; page <= pages; page++) {
          const answer = complete(await records.list({ zone_id: zone.id, page, per_page: pageSize }));
          for (const record of answer.result) {
            if (!record.id) throw new Error('a record came without an id');
            found.set(record.id, shown(record));
          }
          pages = Math.max(pages, answer.pages);
          announced ??= answer.total;
          if (answer.total !== announced)
            throw new Error(`${announced} records were announced, and then ${answer.total}`);
        }
        // A record that came or went between two pages shifts the rest: the list would have a gap.
        if (found.size !== announced)
          throw new Error(`${found.size} records came, ${announced} were announced`);
        await assertNamed(zone, [...found.values()]);
        return [...found.values()];
      }),
    async batch(zone, { deletes, patches, posts }) {
      const { records } = (await client()).dns;
      const params = { zone_id: zone.id, ...nonEmpty({ deletes, patches, posts }) } as RecordBatchParams;
      try {
        const result: unknown = await patiently('sending changes', false, () => records.batch(params));
        if (typeof result !== 'object' || !result) return { kind: 'lost', reason: 'the answer is no JSON' };
        return { kind: 'applied' };
      } catch (error) {
        const errors = rejections(error);
        if (errors.length > 0) return { kind: 'rejected', errors };
        if (isUserMistake(error) || retryAfter(error) !== undefined)
          throw new UserError(`Could not change records of ${zone.name} at Cloudflare: ${explain(error)}`);
        return { kind: 'lost', reason: explain(error) };
      }
    },
  };
}

// https://developers.cloudflare.com/dns/manage-dns-records/how-to/batch-record-changes/,
// https://developers.cloudflare.com/dns/manage-dns-records/#record-quota
const smallest = { batch: 200, records: 200 };
const paid = { batch: 3500, records: 3500 };

/** The official client, with the three resources that are needed and none of its other ways to authenticate. */
async function connect(apiToken: string) {
  const [{ createClient }, { BaseRecords }, { BaseZone }, { BaseZones }] = await Promise.all([
    import('cloudflare/tree-shakable'),
    import('cloudflare/resources/dns/records'),
    import('cloudflare/resources/dns/usage/zone'),
    import('cloudflare/resources/zones/zones'),
  ]);
  return createClient({
    resources: [BaseRecords, BaseZone, BaseZones],
    apiToken,
    apiKey: null,
    apiEmail: null,
    userServiceKey: null,
    // A repeated POST whose first answer was lost would run twice, and pauses are to be told.
    maxRetries: 0,
    timeout: 30_000,
  });
}

/**
 * The client takes any answer with status 200 for a page, an HTML one for an empty page.
 * @throws Error for a page that does not say how many there are, or that it is one
 */
function complete<T>(page: { result: T[]; result_info: object }): {
  result: T[];
  pages: number;
  total: number;
} {
  const info = page.result_info as { total_count?: number; total_pages?: number; per_page?: number };
  const { total_count: total, per_page: size = pageSize } = info;
  // The client keeps the whole answer to itself.
  const { success } = (page as unknown as { body?: { success?: boolean } }).body ?? {};
  if (typeof total !== 'number' || !Array.isArray(page.result) || success === false)
    throw new Error('the answer is no list');
  return { result: page.result, total, pages: info.total_pages ?? Math.ceil(total / size) };
}

const shown = (record: Partial<DnsRecord>): DnsRecord => ({
  id: record.id ?? '',
  name: record.name ?? '',
  type: record.type ?? '',
  content: record.content ?? '',
  ttl: record.ttl ?? 1,
  proxied: record.proxied ?? false,
  comment: record.comment ?? null,
});

const nonEmpty = (lists: Record<string, unknown[]>) =>
  Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0));

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

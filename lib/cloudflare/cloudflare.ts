import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordBatchParams } from 'cloudflare/resources/dns/records';
import { UserError } from '../runner/errors.ts';
import { explain, isTooSoon, isUserMistake, type Rejection, rejections, retryAfter } from './errors.ts';
import { allPages, complete, type Listing, pageSize } from './list.ts';

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
  /** Of what is in a zone. A list of several pages may miss what comes and goes while it is made. */
  ids(zone: Zone): Promise<Set<string>>;
  /**
   * All records of a zone, or an error: never a part of them. With several pages it takes two lists in a row of the same
   * records.
   * @param before the ids of a list from before, which may be the first of the two
   */
  records(zone: Zone, before?: ReadonlySet<string>): Promise<DnsRecord[]>;
  /** Sent once; again only when Cloudflare says that it has not looked at it (429). */
  batch(zone: Zone, batch: Batch): Promise<BatchOutcome>;
}

const attempts = 4;
/** How often a zone of several pages is listed until it keeps still. */
const passes = 5;
/** Seconds; Cloudflare blocks for five minutes who has asked too often. */
const longestWait = 330;

/**
 * @param tell hears why it takes longer
 * @throws UserError for what is no token, of which nothing is shown
 */
export function cloudflare(token: string, tell: (line: string) => void = () => {}): Cloudflare {
  if (!/^[ -~]+$/.test(token))
    throw new UserError(
      'The Cloudflare API token holds a character that none has, such as a line break: copy it again, alone',
    );
  const client = once(() => connect(token));

  /** Waits as told when there were too many requests, and tries reads that failed again. */
  async function patiently<T>(what: string, repeatable: boolean, work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        const again = isTooSoon(error) || (repeatable && !isUserMistake(error));
        const pause = retryAfter(error) ?? 2 ** attempt / 4;
        if (!again || pause > longestWait || attempt === attempts) throw error;
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
    if (!found)
      throw new UserError(
        `it cannot be told whether the zone with the id ${zone.id} is ${zone.name}, for no record shows it and the token may not read the zone; let it (permission Zone, Zone, Read)`,
      );
    if (found.name !== zone.name)
      throw new UserError(
        `the zone with the id ${zone.id} is ${found.name}, not ${zone.name}; take the id from the overview page of ${zone.name}, or leave it out`,
      );
  }

  const pass = (zone: Zone): Promise<Listing> =>
    read(`list the records of ${zone.name}`, async () => {
      const { records } = (await client()).dns;
      const found = await allPages(page => records.list({ zone_id: zone.id, page, per_page: pageSize }));
      await assertNamed(zone, found.records);
      return found;
    });

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
    ids: async zone => idsOf((await pass(zone)).records),
    async records(zone, before) {
      for (let round = 1, last = before; round <= passes; round++) {
        const { records, pages } = await pass(zone);
        const ids = idsOf(records);
        if (pages <= 1 || (last?.size === ids.size && [...ids].every(id => last?.has(id)))) return records;
        last = ids;
      }
      throw new UserError(
        `Could not list the records of ${zone.name} at Cloudflare: they come and go while they are listed; run it again`,
      );
    },
    async batch(zone, changes) {
      const { deletes, patches, posts } = changes;
      const { records } = (await client()).dns;
      const params = { zone_id: zone.id, ...nonEmpty({ deletes, patches, posts }) } as RecordBatchParams;
      try {
        const answer = await patiently('sending changes', false, () => records.batch(params).asResponse());
        const doubt = doubtOf(await answer.json(), changes);
        return doubt === undefined ? { kind: 'applied' } : { kind: 'lost', reason: doubt };
      } catch (error) {
        const errors = rejections(error);
        if (errors.length > 0) return { kind: 'rejected', errors };
        if (isUserMistake(error) || isTooSoon(error))
          throw new UserError(`Could not change records of ${zone.name} at Cloudflare: ${explain(error)}`);
        // Who looks again at once meets the same.
        const pause = retryAfter(error) ?? 0;
        if (pause > 0 && pause <= longestWait) {
          tell(`Cloudflare: looking again in ${pause} s (${explain(error)})`);
          await sleep(pause * 1000);
        }
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
    fetch: bounded,
  });
}

const answerWithin = 30_000;

/** The client's own limit ends with the headers: an answer that stops half-way would be waited for. */
const bounded: typeof fetch = (input, init = {}) => {
  const limit = AbortSignal.timeout(answerWithin);
  return fetch(input, { ...init, signal: init.signal ? AbortSignal.any([init.signal, limit]) : limit });
};

/** Why it is not certain that all of a batch has been done as it was sent. */
function doubtOf(answer: unknown, { patches, posts }: Batch): string | undefined {
  const { success, result } = (answer ?? {}) as {
    success?: unknown;
    result?: { patches?: unknown[]; posts?: Partial<DnsRecord>[] };
  };
  if (success !== true || !result) return 'the answer does not say that it was done';
  const made = new Set((result.posts ?? []).map(({ name }) => name));
  const isWhole =
    (result.patches ?? []).length === patches.length &&
    (result.posts ?? []).length === posts.length &&
    posts.every(({ name }) => made.has(name));
  return isWhole ? undefined : 'the answer tells of other records than were sent';
}

const idsOf = (records: readonly DnsRecord[]) => new Set(records.map(({ id }) => id));

const nonEmpty = (lists: Record<string, unknown[]>) =>
  Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0));

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

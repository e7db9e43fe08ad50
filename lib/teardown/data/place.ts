import type { Target } from '../../platform/platform.ts';
import type { Bucket, Place } from '../../terraform/bucket.ts';

/** Where the dumps of an environment are kept: outside of all that a teardown destroys. */
export function dumpsPlace({ platform }: Target): Place {
  const { bucket, zone } = platform.dumps ?? platform.state;
  const endpoint = `https://sos-${zone}.exo.io`;
  return { bucket, zone, endpoint, setting: platform.dumps ? 'dumps' : 'state' };
}

/** What the keys of all dumps of an environment begin with. */
export const prefix = ({ platform, environment }: Target): string => `${platform.name}/${environment}/dumps/`;

/**
 * `shop/staging/dumps/2026-11-27T09-30-00Z/shop-staging/shop.dump`: in the order of their names is in the order of time.
 * @param now one for all databases of a service: what belongs together is found by it
 */
export const dumpKey = (target: Target, service: string, database: string, now: Date): string =>
  `${prefix(target)}${now.toISOString().slice(0, 19).replaceAll(':', '-')}Z/${service}/${database}.dump`;

/** Where that a dump was read back and found whole is written down. Without it, a dump is none. */
export const proofKey = (key: string): string => `${key}.proven`;

export interface Told {
  /** `2026-11-27T09-30-00Z` */
  time: string;
  service: string;
  database: string;
}

/** What a key tells. */
export function told(key: string): Told | undefined {
  const [, time, service, database] =
    /(?:^|\/)dumps\/(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ)\/([^/]+)\/([^/]+)\.dump$/.exec(key) ?? [];
  return time && service && database ? { time, service, database } : undefined;
}

/** `2026-11-27 09:30:00 UTC` */
export const moment = ({ time }: Pick<Told, 'time'>): string =>
  time.replace(/T(\d\d)-(\d\d)-(\d\d)Z$/, ' $1:$2:$3 UTC');

/** The proven dumps of each service's last time; none where there is none. */
export async function newestDumps(bucket: Bucket, target: Target): Promise<string[]> {
  const all = new Set(await keysBelow(bucket, prefix(target)));
  const newest = new Map<string, { time: string; keys: string[] }>();
  // In the order of time.
  for (const key of [...all].sort()) {
    const { time, service } = told(key) ?? {};
    if (!time || !service || !all.has(proofKey(key))) continue;
    const before = newest.get(service);
    newest.set(service, { time, keys: [...(before?.time === time ? before.keys : []), key] });
  }
  return [...newest.values()].flatMap(({ keys }) => keys).sort();
}

/** Whether there is such an object. */
export const isThere = async (bucket: Bucket, key: string): Promise<boolean> =>
  (await keysBelow(bucket, key)).includes(key);

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
async function keysBelow(bucket: Bucket, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for (let after = ''; ; ) {
    const query = new URLSearchParams({ 'list-type': '2', prefix, ...(after && { 'start-after': after }) });
    const { body } = await bucket('GET', `?${query}`);
    const found = [...body.matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, key = '']) => key);
    keys.push(...found);
    if (!body.includes('<IsTruncated>true<') || found.length === 0) return keys;
    after = found.at(-1) ?? '';
  }
}

/** Takes away what uploads of this environment have left that came to no end: it can be seen by nobody and is billed. */
export async function abandonUploads(bucket: Bucket, target: Target): Promise<void> {
  const { body } = await bucket('GET', `?${new URLSearchParams({ prefix: prefix(target), uploads: '' })}`);
  const uploads = body.matchAll(
    /<Upload>.*?<Key>([^<]+)<\/Key>.*?<UploadId>([^<]+)<\/UploadId>.*?<\/Upload>/gs,
  );
  for (const [, key, uploadId = ''] of uploads)
    await bucket('DELETE', `${key}?${new URLSearchParams({ uploadId })}`);
}

/**
 * Does work that uploads. A beginning whose answer got lost is sent again, and then there are two: none is left of either.
 * @param tell told when that could not be seen to
 */
export async function leavingNoUpload<T>(
  bucket: Bucket,
  target: Target,
  work: () => Promise<T>,
  tell: (sentence: string) => void,
): Promise<T> {
  await abandonUploads(bucket, target);
  try {
    return await work();
  } finally {
    await abandonUploads(bucket, target).catch(error =>
      tell(
        `Whether an upload was left below ${prefix(target)} in the bucket, which would be billed, could not be asked (${(error as Error).message}): the next teardown looks again`,
      ),
    );
  }
}

import type { Target } from '../../platform/platform.ts';
import type { Bucket, Place } from '../../terraform/bucket.ts';

/** Where the dumps of an environment are kept: outside of all that a teardown destroys. */
export function dumpsPlace({ platform }: Target): Place {
  const { bucket, zone } = platform.dumps ?? platform.state;
  const endpoint = `https://sos-${zone}.exo.io`;
  return { bucket, zone, endpoint, setting: platform.dumps ? 'dumps' : 'state' };
}

const prefix = ({ platform, environment }: Target): string => `${platform.name}/${environment}/dumps/`;

/** `shop/staging/dumps/2026-11-27T09-30-00Z-shop.dump`: in the order of their names is in the order of time. */
export const dumpKey = (target: Target, database: string, now = new Date()): string =>
  `${prefix(target)}${now.toISOString().slice(0, 19).replaceAll(':', '-')}Z-${database}.dump`;

/** The time and the database that a key tells. */
export function told(key: string): { time: string; database: string } | undefined {
  const [, time, database] = /\/dumps\/([\dT-]+Z)-(.+)\.dump$/.exec(key) ?? [];
  return time && database ? { time, database } : undefined;
}

/** The dumps of the last time; none where there is none. A second has at most one of a database. */
export async function newestDumps(bucket: Bucket, target: Target): Promise<string[]> {
  const keys = (await keysBelow(bucket, prefix(target))).filter(told);
  const newest = keys
    .map(key => told(key)?.time ?? '')
    .sort()
    .at(-1);
  return keys.filter(key => told(key)?.time === newest);
}

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

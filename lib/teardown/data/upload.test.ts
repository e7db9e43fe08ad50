import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Bucket } from '../../terraform/bucket.ts';
import { beginUpload } from './upload.ts';

/** As much of S3 as an upload needs: parts by number, an object when they are put together. */
function world(fail: (request: string) => number | undefined = () => undefined) {
  const requests: string[] = [];
  const parts = new Map<number, Buffer>();
  let object: Buffer | undefined;
  const bucket: Bucket = async (method, key, { body = '', within = 0 } = {}) => {
    const request = `${method} ${key}`;
    requests.push(request);
    const status = fail(request);
    if (status) return { status, body: '' };
    const number = Number(/partNumber=(\d+)/.exec(key)?.[1]);
    if (method === 'PUT') parts.set(number, Buffer.from(body));
    if (method === 'POST' && key.endsWith('?uploads'))
      return { status: 200, body: '<R><UploadId>an id+/</UploadId></R>' };
    if (method === 'POST') {
      expect(within).toBe(600_000); // S3 takes minutes for it
      const wanted = [...String(body).matchAll(/<PartNumber>(\d+)<.*?<ETag>"(\d+)"</g)];
      expect(wanted.map(([, part]) => part)).toEqual(wanted.map(([, , tag]) => tag));
      object = Buffer.concat(wanted.map(([, part]) => parts.get(Number(part)) ?? Buffer.alloc(0)));
    }
    return { status: 200, body: '', etag: `"${number}"` };
  };
  return { bucket, requests, parts, object: () => object };
}

const megabyte = 1024 * 1024;
async function* chunks(all: Buffer, length: number) {
  for (let at = 0; at < all.length; at += length) yield all.subarray(at, at + length);
}

test.each([
  [0, 1],
  [5, 1],
  [8 * megabyte, 1],
  [20 * megabyte + 3, 3],
])('%d bytes arrive in %d parts, and as they were', async (length, count) => {
  const all = randomBytes(length);
  const fake = world();
  const upload = await beginUpload(fake.bucket, 'dumps/a.dump');
  const arrived = await upload.take(chunks(all, 65_536));
  expect(fake.object()).toBeUndefined();
  await upload.complete();
  expect(fake.object()?.equals(all)).toBe(true); // compared as it is: value by value takes minutes
  expect(arrived).toEqual({ bytes: length, sha256: createHash('sha256').update(all).digest('hex') });
  expect(fake.parts.size).toBe(count);
  expect(fake.requests[1]).toBe('PUT dumps/a.dump?partNumber=1&uploadId=an+id%2B%2F');
  // All but the last are as large as S3 wants them.
  for (const part of [...fake.parts.values()].slice(0, -1)) expect(part.length).toBeGreaterThan(5 * megabyte);
});

test('a completion that was done and whose answer was lost is none the less one', async () => {
  const { bucket } = world(request => (/^POST .*uploadId/.test(request) ? 404 : undefined));
  const upload = await beginUpload(bucket, 'dumps/a.dump');
  await upload.take(chunks(Buffer.from('x'), 1));
  await upload.complete();
});

test.each([
  ['POST dumps/a.dump?uploads', /could not be written: the bucket answered 400/],
  ['PUT', /could not be written: the bucket answered 400/],
])('%s that is refused is a sentence', async (which, sentence) => {
  const { bucket } = world(request => (request.startsWith(which) ? 400 : undefined));
  const work = async () => (await beginUpload(bucket, 'dumps/a.dump')).take(chunks(Buffer.from('x'), 1));
  await expect(work()).rejects.toThrow(sentence);
});

import { createHash } from 'node:crypto';
import { UserError } from '../../runner/errors.ts';
import { assertStatus, type Bucket } from '../../terraform/bucket.ts';

/** What has arrived: enough to know it again. */
export interface Arrived {
  bytes: number;
  sha256: string;
}

/** An object that is written while it is made. It is there when it is complete, and not before. */
export interface Upload {
  /** Sends all of it, a part at a time. */
  take(source: AsyncIterable<Buffer>): Promise<Arrived>;
  complete(): Promise<void>;
  abort(): Promise<void>;
}

/** S3 takes at most 10,000 parts, of at least 5 MiB all but the last: with these an object may have 80 GB. */
const partSize = 8 * 1024 * 1024;

/** In bytes. */
export const largestObject = 10_000 * partSize;

/** Thousands of parts are put together for minutes before that is answered. In milliseconds. */
const completedWithin = 10 * 60_000;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html */
export async function beginUpload(
  bucket: Bucket,
  key: string,
  tell: (bytes: number) => void = () => {},
): Promise<Upload> {
  const problem = `${key} could not be written`;
  const begun = await bucket('POST', `${key}?uploads`);
  assertStatus(begun, [200], problem);
  const uploadId = /<UploadId>([^<]+)<\/UploadId>/.exec(begun.body)?.[1];
  if (!uploadId) throw new UserError(`${problem}: the bucket gave no id for the upload; run this again`);
  const of = (query: Record<string, string>) => `${key}?${new URLSearchParams({ ...query, uploadId })}`;
  const tags: string[] = [];

  async function send(part: Buffer<ArrayBuffer>): Promise<void> {
    const answer = await bucket('PUT', of({ partNumber: String(tags.length + 1) }), { body: part });
    assertStatus(answer, [200], problem);
    tags.push(answer.etag ?? '');
  }

  return {
    async take(source) {
      const hash = createHash('sha256');
      let bytes = 0;
      let waiting: Buffer[] = [];
      let size = 0;
      const flush = async () => {
        await send(Buffer.concat(waiting));
        bytes += size;
        [waiting, size] = [[], 0];
        tell(bytes);
      };
      for await (const chunk of source) {
        hash.update(chunk);
        waiting.push(chunk);
        size += chunk.length;
        if (size >= partSize) await flush();
      }
      if (size > 0 || tags.length === 0) await flush();
      return { bytes, sha256: hash.digest('hex') };
    },
    async complete() {
      const parts = tags.map(
        (tag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${tag}</ETag></Part>`,
      );
      const body = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`;
      const answer = await bucket('POST', of({}), { body, within: completedWithin });
      // Sent again after a lost answer, there is no such upload any more. What is there is read back in any case.
      assertStatus(answer, [200, 404], problem);
    },
    async abort() {
      await bucket('DELETE', of({}));
    },
  };
}

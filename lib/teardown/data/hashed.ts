import { createHash } from 'node:crypto';
import { UserError } from '../../runner/errors.ts';
import type { Arrived } from './upload.ts';

/**
 * Bytes as they come, with their digest. Whoever reads them may stop before the end.
 * @param problem what a stream that breaks off means
 */
export function hashed(stream: ReadableStream<Uint8Array>, problem: string) {
  const hash = createHash('sha256');
  const reader = stream.getReader();
  let bytes = 0;
  async function next(): Promise<Uint8Array | undefined> {
    const { value } = await reader.read().catch(({ message }: Error) => {
      throw new UserError(`${problem} (${message}): run this again`);
    });
    if (value) hash.update(value);
    bytes += value?.length ?? 0;
    return value;
  }
  return {
    async *chunks() {
      for (;;) {
        const chunk = await next();
        if (!chunk) return;
        yield chunk;
      }
    },
    async rest(): Promise<Arrived> {
      while (await next()) {} // what was left
      return { bytes, sha256: hash.digest('hex') };
    },
  };
}

import { onFreePort } from './ports.ts';
import type { Run } from './run.ts';
import { tool } from './tools/build.ts';

export interface S3 {
  /** `http://127.0.0.1:PORT`; buckets are the first part of the path and appear when they are first used. */
  url: string;
  /** Makes a bucket, as a team does before its first plan. Two first requests at once can miss one that appears by itself. */
  makeBucket(name: string): Promise<void>;
  stop(): Promise<void>;
}

/**
 * An S3 server that honours `If-None-Match: *`, as Terraform's lock file needs. Signatures are not checked.
 * @param options.buckets `appear` when they are first used, unless they must be `made`
 */
export function s3(run: Run, { buckets = 'appear' as 'appear' | 'made' } = {}): Promise<S3> {
  return onFreePort(async port => {
    const url = `http://127.0.0.1:${port}`;
    // In memory: its file is mapped, and what it still sends from there is gone once the file has grown.
    const args = [
      '-host',
      `127.0.0.1:${port}`,
      '-backend',
      'memory',
      ...(buckets === 'appear' ? ['-autobucket'] : []),
    ];
    const { stop } = await run.start('gofakes3', await tool('gofakes3'), args, {
      ready: () => fetch(url, { signal: AbortSignal.timeout(1000) }),
    });
    return {
      url,
      stop,
      async makeBucket(name) {
        const { ok, status } = await fetch(`${url}/${name}`, { method: 'PUT' });
        if (!ok) throw new Error(`The bucket ${name} was not made: the S3 server answered ${status}`);
      },
    };
  });
}

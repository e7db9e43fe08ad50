import { type Machine, realMachine } from '../exoscale/request.ts';
import { UserError } from '../runner/errors.ts';
import { type Credentials, sign } from './signature.ts';
import type { StateLocation } from './state.ts';

export interface BucketAnswer {
  status: number;
  body: string;
}

/**
 * One signed request for an object of the bucket. Names need no escaping: platform.yaml allows plain ones only.
 * @throws UserError when the bucket does not exist, refuses the key or cannot be reached
 */
export type Bucket = (
  method: 'GET' | 'PUT' | 'DELETE',
  key: string,
  options?: { headers?: Record<string, string>; body?: string },
) => Promise<BucketAnswer>;

export const bucket = (
  location: StateLocation,
  credentials: Credentials,
  machine: Machine = realMachine,
): Bucket => {
  const name = `The bucket "${location.bucket}" in ${location.zone}`;
  return async (method, key, options = {}) => {
    const request = { method, url: new URL(`${location.endpoint}/${location.bucket}/${key}`), ...options };
    const answer = await withRetries(name, machine, () =>
      machine.fetch(request.url, {
        method,
        headers: sign(request, credentials, location.zone),
        ...(options.body !== undefined && { body: options.body }),
        signal: AbortSignal.timeout(20_000),
      }),
    );
    if (answer.status === 403) {
      throw new UserError(
        `${name} refuses the Exoscale key (${errorCode(answer)}): give it a role that may ${method === 'GET' ? 'read' : 'write'} the objects of this bucket`,
      );
    }
    if (errorCode(answer) === 'NoSuchBucket') {
      throw new UserError(
        `${name} does not exist: create it with "exo storage mb sos://${location.bucket} --zone ${location.zone}", or correct "state" in platform.yaml`,
      );
    }
    if (method === 'GET' && ![200, 404].includes(answer.status)) {
      throw new UserError(
        `${name} answered the question for ${key} with status ${answer.status}: what cannot be read is not taken for absent; try again, or see https://www.exoscalestatus.com`,
      );
    }
    return answer;
  };
};

/** @throws UserError when a write was answered with none of these: it has not happened then */
export function assertStatus(
  { status }: BucketAnswer,
  expected: readonly number[],
  problem: string,
  next = 'try again, or see https://www.exoscalestatus.com',
): void {
  if (!expected.includes(status)) throw new UserError(`${problem}: the bucket answered ${status}; ${next}`);
}

/** What a DELETE is answered with when the object is gone. */
export const gone = [200, 204, 404];

const errorCode = ({ status, body }: BucketAnswer): string =>
  /<Code>([^<]+)<\/Code>/.exec(body)?.[1] ?? `status ${status}`;

/**
 * A page of HTML is a gateway's, whatever its status: nothing was written, and nothing is known of what is there.
 *
 * A write is tried again like a GET: it leaves the same, however often it arrives. One with `If-None-Match` is then refused
 * for what it has written itself, which whoever sends it has to tell apart.
 */
async function withRetries(
  name: string,
  { sleep }: Machine,
  request: () => Promise<Response>,
): Promise<BucketAnswer> {
  let problem = '';
  for (const pause of [0, 1_000, 4_000]) {
    await sleep(pause);
    try {
      const response = await request();
      const body = await response.text();
      const isPage = response.headers.get('content-type')?.startsWith('text/html');
      if (!isPage && response.status < 500 && response.status !== 429)
        return { status: response.status, body };
      problem = isPage ? 'a page of HTML instead of an answer' : `status ${response.status}`;
    } catch (error) {
      problem = String((error as Error).cause ?? error);
    }
  }
  throw new UserError(
    `${name} cannot be reached (${problem}): try again, or see https://www.exoscalestatus.com`,
  );
}

import { type Machine, realMachine } from '../exoscale/request.ts';
import { UserError } from '../runner/errors.ts';
import { type Credentials, sign } from './signature.ts';

export interface BucketAnswer {
  status: number;
  body: string;
  /** What it calls this version of an object, or a part of one. */
  etag?: string;
}

/** A bucket on Exoscale's object storage (SOS). */
export interface Place {
  bucket: string;
  zone: string;
  endpoint: string;
  /** The key of platform.yaml that names it; `state` unless told. */
  setting?: string;
}

/**
 * One signed request for an object of the bucket, or a list. Names need no escaping: platform.yaml allows plain ones only.
 * @throws UserError when the bucket does not exist, refuses the key or cannot be reached
 */
export type Bucket = (
  method: 'GET' | 'PUT' | 'POST' | 'DELETE',
  key: string,
  options?: {
    headers?: Record<string, string>;
    body?: string | Uint8Array<ArrayBuffer>;
    /** How long the answer is waited for, in milliseconds: for what the bucket itself needs long for. */
    within?: number;
  },
) => Promise<BucketAnswer>;

export const bucket = (location: Place, credentials: Credentials, machine: Machine = realMachine): Bucket => {
  const name = nameOf(location);
  return async (method, key, { within = 20_000, ...options } = {}) => {
    const request = { method, url: urlOf(location, key), ...options };
    const answer = await withRetries(name, machine, () =>
      machine.fetch(request.url, {
        method,
        headers: sign(request, credentials, location.zone),
        ...(options.body !== undefined && { body: options.body }),
        signal: AbortSignal.timeout(within + Math.ceil((options.body?.length ?? 0) / slowest)),
      }),
    );
    if (answer.status === 403) throw refused(location, method, answer);
    if (errorCode(answer) === 'NoSuchBucket') throw absent(location);
    if (method === 'GET' && ![200, 404].includes(answer.status)) {
      throw new UserError(
        `${name} answered the question for ${key} with status ${answer.status}: what cannot be read is not taken for absent; try again, or see https://www.exoscalestatus.com`,
      );
    }
    return answer;
  };
};

/**
 * An object as it comes, for one that does not fit into memory. Undefined when there is none.
 * @throws UserError when it cannot be asked for; what breaks off later breaks the stream
 */
export async function download(
  location: Place,
  credentials: Credentials,
  key: string,
): Promise<ReadableStream<Uint8Array> | undefined> {
  const request = { method: 'GET', url: urlOf(location, key) };
  const headers = sign(request, credentials, location.zone);
  const response = await fetch(request.url, { headers }).catch(error => {
    throw unreachable(nameOf(location), String((error as Error).cause ?? error));
  });
  if (response.ok && response.body) return response.body;
  const answer = { status: response.status, body: await response.text() };
  if (errorCode(answer) === 'NoSuchBucket') throw absent(location);
  if (answer.status === 404) return undefined;
  throw answer.status === 403
    ? refused(location, 'GET', answer)
    : unreachable(nameOf(location), `status ${answer.status}`);
}

/** Bytes a millisecond, of a line over which a write is still waited for. */
const slowest = 50;

const nameOf = ({ bucket, zone }: Place): string => `The bucket "${bucket}" in ${zone}`;
const urlOf = ({ endpoint, bucket }: Place, key: string): URL => new URL(`${endpoint}/${bucket}/${key}`);

const refused = (location: Place, method: string, answer: BucketAnswer): UserError =>
  new UserError(
    `${nameOf(location)} refuses the Exoscale key (${errorCode(answer)}): give it a role that may ${method === 'GET' ? 'read' : 'write'} the objects of this bucket`,
  );

const absent = (location: Place): UserError =>
  new UserError(
    `${nameOf(location)} does not exist: create it with "exo storage mb sos://${location.bucket} --zone ${location.zone}", or correct "${location.setting ?? 'state'}" in platform.yaml`,
  );

const unreachable = (name: string, problem: string): UserError =>
  new UserError(`${name} cannot be reached (${problem}): try again, or see https://www.exoscalestatus.com`);

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
 * A write is tried again like a GET: an object is the same, however often it arrives. What is not the same is for whoever
 * sends it to tell apart: one with `If-None-Match` is refused for what it has written itself, and each `POST ?uploads` that
 * arrives begins an upload more.
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
      const etag = response.headers.get('etag');
      if (!isPage && response.status < 500 && response.status !== 429)
        return { status: response.status, body, ...(etag !== null && { etag }) };
      problem = isPage ? 'a page of HTML instead of an answer' : `status ${response.status}`;
    } catch (error) {
      problem = String((error as Error).cause ?? error);
    }
  }
  throw unreachable(name, problem);
}

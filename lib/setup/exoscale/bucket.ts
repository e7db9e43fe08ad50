import { realMachine } from '../../exoscale/request.ts';
import { UserError } from '../../runner/errors.ts';
import { type Credentials, sign } from '../../terraform/signature.ts';

export interface BucketState {
  /** The states of before can be had back. */
  versioning: boolean;
}

interface Place {
  bucket: string;
  zone: string;
}

/**
 * Undefined for a bucket that is not there.
 * @throws UserError when the key may not look, or nobody answers
 */
export async function readBucket(place: Place, credentials: Credentials): Promise<BucketState | undefined> {
  const { status, body } = await send('GET', place, credentials, '?versioning=');
  if (status === 200) return { versioning: /<Status>Enabled<\/Status>/.test(body) };
  if (status === 404) return undefined;
  throw refused(place, 'to look at', status, body);
}

/** Makes the bucket; that it is ours already is no error. */
export async function makeBucket(place: Place, credentials: Credentials): Promise<void> {
  const { status, body } = await send('PUT', place, credentials, '');
  if (status === 200 || /BucketAlreadyOwnedByYou/.test(body)) return;
  if (/BucketAlreadyExists/.test(body))
    throw new UserError(
      `The name "${place.bucket}" is somebody else's bucket, and names are everybody's: choose another in platform.yaml`,
    );
  throw refused(place, 'to make', status, body);
}

export async function enableVersioning(place: Place, credentials: Credentials): Promise<void> {
  const wish =
    '<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status></VersioningConfiguration>';
  const { status, body } = await send('PUT', place, credentials, '?versioning=', wish);
  if (status !== 200) throw refused(place, 'to turn on versioning of', status, body);
}

/** SOS speaks S3, and takes the keys of Exoscale's API. All three requests may come twice. */
async function send(
  method: 'GET' | 'PUT',
  { bucket, zone }: Place,
  credentials: Credentials,
  query: string,
  body = '',
): Promise<{ status: number; body: string }> {
  const url = new URL(`https://sos-${zone}.exo.io/${bucket}${query}`);
  let problem = '';
  for (const pause of [0, 1_000, 4_000]) {
    await realMachine.sleep(pause);
    try {
      const response = await realMachine.fetch(url, {
        method,
        headers: sign({ method, url, body }, credentials, zone),
        ...(body !== '' && { body }),
        signal: AbortSignal.timeout(20_000),
      });
      const answer = { status: response.status, body: await response.text() };
      if (answer.status < 500 && answer.status !== 429) return answer;
      problem = `status ${answer.status}`;
    } catch (error) {
      problem = String((error as Error).cause ?? error);
    }
  }
  throw new UserError(
    `The object storage in ${zone} cannot be reached (${problem}): try again, or see https://www.exoscalestatus.com`,
  );
}

const refused = ({ bucket, zone }: Place, what: string, status: number, body: string) =>
  new UserError(
    `Exoscale does not let the key ${what} the bucket "${bucket}" in ${zone} (${/<Code>([^<]+)</.exec(body)?.[1] ?? `status ${status}`}): give it a role that may do so`,
  );

import { UserError } from '../runner/errors.ts';
import type { Bucket } from './bucket.ts';
import type { StateLocation } from './state.ts';

/**
 * Proves that the storage honours `If-None-Match: *`, which is all that Terraform's lock file rests on: storage that
 * ignores it lets two applies run at once. The second of two such writes must be refused. The object stays, so that from
 * the next time on one request tells.
 * @throws UserError when both writes were accepted
 */
export async function proveLocking(bucket: Bucket, { bucket: name, zone }: StateLocation): Promise<void> {
  for (let attempt = 0; attempt < 2; attempt++) {
    const { status } = await bucket('PUT', 'slipway-lock-probe', {
      headers: { 'if-none-match': '*' },
      body: 'probe',
    });
    if (status === 412 || status === 409) return; // 409: another one is being written at this moment
    if (status !== 200)
      throw new UserError(
        `The bucket "${name}" in ${zone} answered a write with status ${status}: see that the key may write in it`,
      );
  }
  throw new UserError(
    `The bucket "${name}" in ${zone} overwrites an object that "If-None-Match: *" protects, so Terraform's lock would not hold and two applies could run at once: nothing was applied; keep the state in storage with conditional writes`,
  );
}

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

export interface Lock {
  id: string;
  /** user@host */
  who: string;
  /** plan, apply… */
  operation: string;
  since: string;
}

/** The lock that somebody holds on the state at the moment, if any. */
export async function heldLock(bucket: Bucket, { key }: StateLocation): Promise<Lock | undefined> {
  const { status, body } = await bucket('GET', `${key}.tflock`);
  if (status !== 200) return undefined;
  try {
    const { ID, Who, Operation, Created } = JSON.parse(body) as Record<string, string>;
    return lock(ID, Who, Operation, Created);
  } catch {
    return lock(); // a lock that cannot be read is held all the same
  }
}

/** Reads the lock out of the error of a Terraform that waited for it in vain. */
export function lockInError(detail: string): Lock | undefined {
  const field = (name: string) => new RegExp(`^\\s*${name}:\\s*(.+?)\\s*$`, 'm').exec(detail)?.[1];
  return field('ID') ? lock(field('ID'), field('Who'), field('Operation'), field('Created')) : undefined;
}

const lock = (id = 'unknown', who = 'somebody', operation = '', since = ''): Lock => ({
  id,
  who,
  operation: operation.replace(/^OperationType/, '').toLowerCase() || 'operation',
  // 2026-11-23T07:00:00.1Z in the lock, 2026-11-23 07:00:00.1 +0000 UTC in the error.
  since: since ? `${since.slice(0, 16).replace('T', ' ')} UTC` : 'some time ago',
});

export const describe = ({ who, operation, since, id }: Lock): string =>
  `${who} since ${since} (${operation}, lock ${id})`;

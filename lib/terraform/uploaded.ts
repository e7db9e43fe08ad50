import { UserError } from '../runner/errors.ts';
import type { Bucket } from './bucket.ts';
import type { StateResource } from './client.ts';
import type { Plan, ResourceChange } from './model.ts';
import type { StateLocation } from './state.ts';
import { some } from './text.ts';

/** Something new is there afterwards, which only the state after the apply knows. */
export const makes = ({ action }: ResourceChange): boolean => action === 'create' || action === 'replace';

/**
 * Which state the bucket has: Terraform raises the serial with each that it writes.
 * @returns `LINEAGE#SERIAL`, or `none`
 * @throws UserError when it cannot be read
 */
export async function stateVersion(bucket: Bucket, { key }: StateLocation): Promise<string> {
  const { status, body } = await bucket('GET', key);
  if (status === 404) return 'none';
  try {
    const { lineage, serial } = JSON.parse(body) as { lineage?: string; serial?: number };
    return `${lineage}#${serial}`;
  } catch {
    throw new UserError(`${key} is no state, or half of one: try again, or put a version of it back`);
  }
}

/** What the bucket has after an apply, beside what it had before. */
export interface Uploaded {
  /** Of `stateVersion`. */
  before: string;
  after: string;
  /** What the state holds; left out where that was not asked. */
  present?: readonly StateResource[];
}

/**
 * Asked after an apply that ended well. Terraform believes whatever stands between it and the bucket: a gateway's page with
 * status 200 is a state uploaded to it, and what it has created is then in no state. That is so for all of it when the
 * state is the one of before, and for some of it when only one of on the way has arrived.
 * @returns what to say when it is not the state of after this apply
 */
export function notUploaded(
  { changes }: Plan,
  { before, after, present }: Uploaded,
  { bucket, key }: StateLocation,
): UserError | undefined {
  const known = present && new Map(present.map(({ address, values }) => [address, values.id]));
  const isLost = ({ action, address, change }: ResourceChange): boolean => {
    if (before === after || known === undefined) return before === after;
    return action === 'create' ? !known.has(address) : isSame(known.get(address), change.before);
  };
  const lost = changes.filter(each => makes(each) && isLost(each));
  if (lost.length === 0) return undefined;
  const named = some(
    lost.map(({ address }) => address),
    5,
  ).join(', ');
  return new UserError(
    `The bucket "${bucket}" took the state and does not have it: ${named}, created just now, cannot be found in ${key}; apply again, which takes in what is there`,
  );
}

/** Whether it is the old one still. Only an id that is made up anew each time tells: a database's is its name. */
const isSame = (id: unknown, before: unknown): boolean =>
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(String(id)) &&
  id === (before as { id?: unknown } | null | undefined)?.id;

import { UserError } from '../runner/errors.ts';
import type { StateResource } from './client.ts';
import type { Plan } from './model.ts';
import { some } from './reviewed.ts';
import type { StateLocation } from './state.ts';

/**
 * Asked after an apply that ended well. Terraform believes whatever stands between it and the bucket: a gateway's page with
 * status 200 is a state uploaded to it, and what it has created is then in no state.
 * @param present what the state holds, as the bucket has it
 * @returns what to say when it is not the state of after this apply
 */
export function notUploaded(
  { changes }: Plan,
  present: readonly StateResource[],
  { bucket, key }: StateLocation,
): UserError | undefined {
  const known = new Set(present.map(({ address }) => address));
  const lost = changes.filter(({ action, address }) => action === 'create' && !known.has(address));
  if (lost.length === 0) return undefined;
  const named = some(
    lost.map(({ address }) => address),
    5,
  ).join(', ');
  return new UserError(
    `The bucket "${bucket}" took the state and does not have it: ${named}, created just now, cannot be found in ${key}; apply again, which takes in what is there`,
  );
}

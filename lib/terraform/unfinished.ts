import { assertStatus, type Bucket, gone } from './bucket.ts';
import type { Plan } from './model.ts';
import type { StateLocation } from './state.ts';

/*
 * What an apply was about to create, noted beside the state before it begins and taken away when Terraform has done all of it,
 * or when nothing is left to do. A creation that was broken off may be in no state; the note tells that it was ours: it was
 * not there before, and no other apply came in between.
 */

const objectKey = ({ key }: StateLocation): string => `${key}.unfinished`;

/** @throws UserError when the bucket does not take it: then nothing should be created either */
export async function note(bucket: Bucket, state: StateLocation, { changes }: Plan): Promise<void> {
  const creates = changes.filter(({ action }) => action === 'create').map(({ address }) => address);
  const key = objectKey(state);
  const answer = await bucket('PUT', key, { body: JSON.stringify({ creates }) });
  assertStatus(answer, [200], `${key} could not be written, and nothing was applied`);
}

/** The addresses that an apply before this one was about to create, when it has not ended well. */
export async function noted(bucket: Bucket, state: StateLocation): Promise<Set<unknown>> {
  const { status, body } = await bucket('GET', objectKey(state));
  try {
    const { creates } = status === 200 ? (JSON.parse(body) as { creates: unknown[] }) : { creates: [] };
    return new Set(creates);
  } catch {
    return new Set(); // no note of ours: then nothing is
  }
}

export async function clear(bucket: Bucket, state: StateLocation): Promise<void> {
  const key = objectKey(state);
  assertStatus(await bucket('DELETE', key), gone, `${key} could not be deleted`);
}

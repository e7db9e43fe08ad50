import type { Bucket } from './bucket.ts';
import type { Plan } from './model.ts';
import type { StateLocation } from './state.ts';

/*
 * What an apply was about to create, noted beside the state before it begins and taken away when it has ended well. A creation
 * that was broken off may be in no state; the note tells that it was us: it was not there before, and nobody else could
 * apply since.
 */

const objectKey = ({ key }: StateLocation): string => `${key}.unfinished`;

/** @throws UserError when the bucket does not take it: then nothing should be created either */
export async function note(bucket: Bucket, state: StateLocation, { changes }: Plan): Promise<void> {
  const creates = changes.filter(({ action }) => action === 'create').map(({ address }) => address);
  await bucket('PUT', objectKey(state), { body: JSON.stringify({ creates }) });
}

/** The addresses that an apply before this one was about to create, when it has not ended well. */
export async function noted(bucket: Bucket, state: StateLocation): Promise<Set<string>> {
  const { status, body } = await bucket('GET', objectKey(state));
  return new Set(status === 200 ? (JSON.parse(body) as { creates: string[] }).creates : []);
}

export async function clear(bucket: Bucket, state: StateLocation): Promise<void> {
  await bucket('DELETE', objectKey(state));
}

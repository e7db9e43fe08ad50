import type { UserError } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import { assertStatus, type Bucket, gone } from './bucket.ts';
import type { StateResource } from './client.ts';
import { attempt } from './conclude.ts';
import type { Plan } from './model.ts';
import type { StateLocation } from './state.ts';
import { makes, notUploaded, stateVersion } from './uploaded.ts';

/*
 * What an apply was about to create, noted beside the state before it begins and taken away when Terraform has done all of it
 * and the state knows it, or when nothing is left to do. A creation that was broken off may be in no state; the note tells
 * that it was ours: it was not there before, and no other apply came in between.
 */

const objectKey = ({ key }: StateLocation): string => `${key}.unfinished`;

/**
 * @param before which state there is, of `stateVersion`
 * @throws UserError when the bucket does not take it: then nothing should be created either
 */
export async function note(
  bucket: Bucket,
  state: StateLocation,
  { changes }: Plan,
  before: string,
): Promise<void> {
  const creates = changes.filter(makes).map(({ address }) => address);
  const key = objectKey(state);
  const answer = await bucket('PUT', key, { body: JSON.stringify({ creates, before }) });
  assertStatus(answer, [200], `${key} could not be written, and nothing was applied`);
}

/** The addresses that an apply before this one was about to create, when it has not ended well. */
export const noted = async (bucket: Bucket, state: StateLocation): Promise<Set<unknown>> =>
  (await read(bucket, state)).creates;

/**
 * Takes the note away after an apply that ended well, when the state has what was created; else the next apply needs it.
 * @param before which state there was
 * @param recorded reads what the state holds; undefined when there is no time for it
 * @returns what the state holds, if that was read, and what to say when it is not the one of after this apply
 */
export async function endNote(
  runner: Pick<Runner, 'warning'>,
  { bucket, state }: { bucket: Bucket; state: StateLocation },
  plan: Plan,
  before: string,
  recorded?: () => Promise<StateResource[]>,
): Promise<{ known?: StateResource[]; lost?: UserError }> {
  if (!plan.changes.some(makes)) {
    await attempt(runner, () => clear(bucket, state));
    return {};
  }
  const known = recorded && (await attempt(runner, recorded));
  const after = await attempt(runner, () => stateVersion(bucket, state));
  const seen = known ? { known } : {};
  const lost = after && notUploaded(plan, { before, after, ...(known && { present: known }) }, state);
  if (lost) return { ...seen, lost };
  if (after && (known || !recorded)) await attempt(runner, () => clear(bucket, state));
  else
    runner.warning(
      `Whether ${state.key} has all that was created just now could not be read, so it stays noted: apply again, which takes in what the state lacks`,
    );
  return seen;
}

/** Whether the apply of the note was to create something, and the state is still the one of before it. */
export async function isBehind(bucket: Bucket, state: StateLocation): Promise<boolean> {
  const { creates, before } = await read(bucket, state);
  return creates.size > 0 && before !== undefined && before === (await stateVersion(bucket, state));
}

async function read(
  bucket: Bucket,
  state: StateLocation,
): Promise<{ creates: Set<unknown>; before?: unknown }> {
  const { status, body } = await bucket('GET', objectKey(state));
  try {
    const found = status === 200 ? (JSON.parse(body) as { creates: unknown[]; before?: unknown }) : undefined;
    return { creates: new Set(found?.creates), before: found?.before };
  } catch {
    return { creates: new Set() }; // no note of ours: then nothing is
  }
}

export async function clear(bucket: Bucket, state: StateLocation): Promise<void> {
  const key = objectKey(state);
  assertStatus(await bucket('DELETE', key), gone, `${key} could not be deleted`);
}

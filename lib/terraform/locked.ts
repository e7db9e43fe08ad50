import { UserError, UserErrors } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import {
  block,
  isUnsaved,
  type Keeping,
  refuseClear,
  sealErrored,
  sealedFile,
  sealedHere,
  sealedInBucket,
  store,
  unrecovered,
} from './errored.ts';
import { acquire, type Operation, release } from './lock.ts';
import { proveLocking } from './preflight.ts';
import { findSealed, recover as putBack, type StateAccess } from './recover.ts';

/** Does work while nobody else can change the state, and keeps a state that Terraform could not upload. */
export async function locked<T>(
  runner: Runner,
  keeping: Keeping,
  { operation, version, recover }: { operation: Operation; version: string; recover: boolean },
  access: StateAccess,
  work: () => Promise<T>,
): Promise<T> {
  const { bucket, state } = keeping;
  await proveLocking(bucket, state);
  await refuseClear(keeping);
  // One in this folder blocks as one in the bucket does: the next could only be kept in its place.
  const here = await sealedHere(keeping.environment);
  if (here && !recover) throw new UserError(unrecovered(here));
  const sealed = recover ? await findSealed(runner, keeping) : undefined;
  return runner.graceful(async () => {
    // The apply that left this state has ended, or there would be none: its lock, if it stands still, guards nothing else.
    // What comes in its place blocks from then on, however this ends.
    if (sealed) await block(keeping, sealed);
    if (sealed) await release(runner, bucket, state, sealed.lock);
    const lock = await acquire(runner, bucket, state, { operation, version });
    let unsaved = false;
    try {
      const blocking = sealed ?? (await sealedInBucket(bucket, state));
      if (sealed) await putBack(runner, keeping, sealed, access);
      else if (blocking) throw new UserError(unrecovered(blocking));
      return await work();
    } catch (error) {
      unsaved = error instanceof UserErrors && isUnsaved(error.errors.map(({ message }) => message));
      throw error;
    } finally {
      await unlock(runner, keeping, lock, unsaved);
    }
  });
}

/** Ends what `locked` began; so does `post`, when that was killed. */
export async function unlock(
  runner: Runner,
  keeping: Keeping,
  lock: string,
  unsaved: boolean,
): Promise<void> {
  const { bucket, state, environment } = keeping;
  const sealed = await sealErrored(runner, keeping, lock, unsaved);
  const kept = sealed ?? (await store(runner, keeping, lock));
  if (kept === 'here') {
    const file = sealedFile(environment);
    runner.output('errored-state', file);
    runner.error(
      `The state could not be uploaded, and the bucket cannot be reached. It is kept sealed as ${file}, and the lock stays, so that nothing is applied until it is put back: run "npm run slipway -- apply ${environment} --recover" in the folder with this file`,
    );
    return;
  }
  if (kept === 'in the bucket') {
    runner.error(
      `The state could not be uploaded. It is kept sealed in the bucket, and nothing is applied until it is put back: apply with the input "recover", or run "npm run slipway -- apply ${environment} --recover"`,
    );
  }
  if (!(await release(runner, bucket, state, lock)))
    runner.warning(`The lock ${lock} was taken off by somebody while it was needed`);
}

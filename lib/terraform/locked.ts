import { UserError, UserErrors } from '../runner/errors.ts';
import { reportError } from '../runner/report.ts';
import type { Runner } from '../runner/runner.ts';
import {
  block,
  isUnsaved,
  type Keeping,
  refuseClear,
  sealErrored,
  sealedFile,
  sealedHere,
  store,
  unrecovered,
  wayBack,
} from './errored.ts';
import { acquire, release } from './lock.ts';
import { proveLocking } from './preflight.ts';
import { findSealed, isBack, newestSealed, recover as putBack, type StateAccess } from './recover.ts';

/** Does work while nobody else can change the state, and keeps a state that Terraform could not upload. */
export async function locked<T>(
  runner: Runner,
  keeping: Keeping,
  { version, recover }: { version: string; recover: boolean },
  access: StateAccess,
  work: () => Promise<T>,
): Promise<T> {
  const { bucket, state, environment, operation } = keeping;
  await proveLocking(bucket, state);
  await refuseClear(keeping);
  // One in this folder blocks as one in the bucket does: the next could only be kept in its place.
  const before = recover ? await findSealed(keeping) : await sealedHere(environment);
  if (before && !recover) throw new UserError(unrecovered(before));
  // One that would be refused must not block anybody first.
  if (before) isBack(keeping, before, await access.pull());
  return runner.graceful(async () => {
    // The apply that left this state has ended, or there would be none: its lock, if it stands still, guards nothing else.
    // What comes in its place blocks from then on, however this ends.
    if (before) await block(keeping, before);
    if (before) await release(runner, bucket, state, before.lock);
    const lock = await acquire(runner, bucket, state, { operation, version });
    let isClear = false;
    return ending(
      runner,
      async () => {
        // Asked again: whoever had the lock until now may have left one, or have put ours back.
        await refuseClear(keeping);
        isClear = true;
        const sealed = recover ? await findSealed(keeping) : await newestSealed(keeping);
        if (sealed && !recover) throw new UserError(unrecovered(sealed));
        if (sealed) await putBack(runner, keeping, sealed, access);
        else if (recover)
          runner.notice(
            `There is no state of ${environment} to recover, neither beside its place in the bucket nor as ${sealedFile(environment)} in this folder`,
          );
        return work();
      },
      async error => {
        // What was there before us is not ours to seal.
        if (!isClear) return void (await release(runner, bucket, state, lock));
        const unsaved = error instanceof UserErrors && isUnsaved(error.errors.map(({ message }) => message));
        const sealed = await sealErrored(runner, keeping, lock, unsaved);
        return unlock(runner, keeping, lock, { sealed, isHeld: true });
      },
    );
  });
}

/** Work and its end, whatever comes of the work. Of what both throw, the work's comes first: its reader needs it most. */
async function ending<T>(
  runner: Runner,
  work: () => Promise<T>,
  end: (error?: unknown) => Promise<void>,
): Promise<T> {
  const result = await work().catch(async error => {
    await end(error).catch(late => {
      const errors = [error, late].flatMap(each => (each instanceof UserErrors ? each.errors : each));
      if (errors.every(each => each instanceof UserError)) throw new UserErrors(errors);
      reportError(runner, late);
    });
    throw error;
  });
  await end();
  return result;
}

/**
 * Ends what `locked` began; so does `post`, when that was killed.
 * @param sealed where a state that could not be uploaded is by now, if it is no file here
 * @param isHeld whether the lock is known to have been ours, and not only asked for
 */
export async function unlock(
  runner: Runner,
  keeping: Keeping,
  lock: string,
  { sealed, isHeld }: { sealed: 'in the bucket' | undefined; isHeld: boolean },
): Promise<void> {
  const { bucket, state, environment, operation } = keeping;
  const kept = sealed ?? (await store(runner, keeping, lock));
  if (kept === 'here') {
    const file = sealedFile(environment);
    runner.output('errored-state', file);
    runner.error(
      `The state could not be uploaded, and the bucket cannot be reached. It is kept sealed as ${file}, and the lock stays, so that nothing is applied until it is put back ${wayBack(environment, operation)}, from the folder with this file`,
    );
    return;
  }
  if (kept === 'in the bucket') {
    runner.error(
      `The state could not be uploaded. It is kept sealed in the bucket, and nothing is applied until it is put back ${wayBack(environment, operation)}`,
    );
  }
  if (!(await release(runner, bucket, state, lock)) && isHeld)
    runner.warning(`The lock ${lock} was taken off by somebody while it was needed`);
}

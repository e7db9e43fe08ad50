import { setTimeout as sleep } from 'node:timers/promises';
import { target as targetOf } from '../platform/platform.ts';
import { UserError, UserErrors } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import { bucket } from './bucket.ts';
import { settling } from './command.ts';
import { attempt, endAnnounced } from './conclude.ts';
import { asErrors } from './diagnostics.ts';
import { isUnsaved, type Keeping, printed, sealErrored, sealedFile, sealedHere } from './errored.ts';
import { cameToItsEnd, listener } from './listener.ts';
import type { Operation } from './lock.ts';
import { unlock } from './locked.ts';
import type { EnvironmentRequest } from './prepare.ts';
import { stateLocation } from './state.ts';
import { clear, isBehind } from './unfinished.ts';

/** GitHub ends a cancelled job five minutes after it was asked to. */
const seconds = 270;

/**
 * The `post` of whatever holds the lock: when `main` was killed, waits for the Terraform that goes on, tells what came of
 * it, keeps a state that it could not upload, and releases the lock. Nothing to do after a `main` that came to its end.
 */
export async function finish(
  runner: Runner,
  request: EnvironmentRequest & { operation: Operation; githubToken?: string | undefined },
): Promise<void> {
  const lock = runner.saved('lock');
  if (!lock) return;
  const { environment, directory, operation } = request;
  const { errors, onLine } = listener(runner, directory);
  const left = await runner.outlived({ onLine, seconds });
  if (left && !left.ended) {
    throw new UserError(
      `${left.what} is still at work after ${seconds} s and is left alone, and so is the lock ${lock}: when it has ended, look at the state before you apply again`,
    );
  }
  const target = await targetOf(request.platformFile, environment);
  const state = stateLocation(target);
  const credentials = { key: request.exoscaleApiKey ?? '', secret: request.exoscaleApiSecret ?? '' };
  const keeping = {
    environment,
    operation,
    directory,
    state,
    bucket: bucket(state, credentials),
    secret: credentials.secret,
  };
  const isDone = left !== undefined && cameToItsEnd(left.stdout);
  // A lock that was only asked for may come after us, too, and then nobody would release it.
  const isHeld = runner.saved('lock-held') === lock;
  if (!isHeld || (left && !isDone)) await sleep(settling);
  // Printed first: a bucket that does not answer may take what is left of the five minutes.
  const unsaved = isUnsaved(errors.map(({ message }) => message));
  const sealed = await sealErrored(runner, keeping, lock, unsaved);
  if (isDone) await attempt(runner, () => clearUnlessLost(runner, keeping));
  await printSealed(runner, keeping, lock);
  await unlock(runner, keeping, lock, { sealed, isHeld });
  await endAnnounced(runner, request, isDone ? 'success' : 'failure');
  if (!left) return;
  const outcome = isDone
    ? `${left.what} has come to its end after this step was stopped: all of the plan is applied`
    : `${left.what} was stopped before its end: ${environment} may be changed in part, apply again to go on from there`;
  if (errors.length === 0) runner.warning(outcome);
  else throw new UserErrors([...asErrors(errors).errors, new UserError(outcome)]);
}

/** What the bucket was given and does not have is the next apply's to find, by the note. */
async function clearUnlessLost(runner: Runner, { bucket, state }: Keeping): Promise<void> {
  if (!(await isBehind(bucket, state))) return clear(bucket, state);
  runner.warning(
    `The bucket "${state.bucket}" took the state and does not have it: what was created is not in ${state.key}; apply again, which takes in what is there`,
  );
}

/** The workflow's later steps are over, so the log is all that is left to keep it in: it is sealed. */
async function printSealed(runner: Runner, { environment }: Keeping, lock: string): Promise<void> {
  const sealed = await sealedHere(environment);
  if (sealed?.lock !== lock) return;
  runner.info(
    `The sealed state, to be saved as ${sealedFile(environment)}, with or without the times before its lines:`,
  );
  for (const line of printed(sealed)) runner.info(line);
}

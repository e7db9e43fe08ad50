import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { type Machine, realMachine } from '../exoscale/request.ts';
import { UserError } from '../runner/errors.ts';
import type { Context, Runner } from '../runner/runner.ts';
import { assertStatus, type Bucket, gone } from './bucket.ts';
import type { StateLocation } from './state.ts';

/*
 * The state's lock: the same object that Terraform's S3 backend makes, so that both respect each other, held by us around
 * plan and apply. So the state cannot change in between, the lock says which run holds it, and it can be released when
 * Terraform was killed: whoever waited for the end of Terraform knows that nobody writes any more.
 */

export interface Lock {
  /** None when the lock cannot be read. */
  id?: string;
  /** user@host, or who started which run */
  who: string;
  /** plan, apply… */
  operation: string;
  since: string;
  /** The page of the run that holds it. */
  run?: string;
}

export type Operation = 'apply' | 'destroy';

/** The action that goes on with what an operation has left, which a lock may name in any way. */
export const actionOf = (operation: string): string => (operation === 'destroy' ? 'teardown' : 'apply');

/** How long a lock is waited for that somebody holds: longer than most applies, and not so long that it costs. */
const patience = 5 * 60_000;
const pause = 2_000;

const lockKey = ({ key }: StateLocation): string => `${key}.tflock`;

/** The lock that somebody holds on the state at the moment, if any. */
export async function heldLock(bucket: Bucket, state: StateLocation): Promise<Lock | undefined> {
  const { status, body } = await bucket('GET', lockKey(state));
  if (status !== 200) return undefined;
  try {
    const { ID, Who, Operation, Created, Info } = JSON.parse(body) as Record<string, string>;
    return {
      ...(ID && { id: ID }),
      who: Who ?? 'somebody',
      operation: Operation?.replace(/^OperationType/, '').toLowerCase() ?? 'operation',
      since: Created ? `${Created.slice(0, 16).replace('T', ' ')} UTC` : 'some time ago',
      ...(Info && { run: Info }),
    };
  } catch {
    // A lock that cannot be read is held all the same.
    return { who: 'somebody', operation: 'operation', since: 'some time ago' };
  }
}

export const describe = ({ who, operation, since, id, run }: Lock): string =>
  `${who} since ${since} (${operation}, lock ${id ?? 'unreadable'}${run ? `, ${run}` : ''})`;

/**
 * Takes the lock, and waits for somebody else's. Its id is kept for `post` first, and once more when it is known to be held.
 * @returns the id
 * @throws UserError when it is not free in time: nobody's lock is ever broken
 */
export async function acquire(
  runner: Runner,
  bucket: Bucket,
  state: StateLocation,
  { operation, version }: { operation: Operation; version: string },
  { now, sleep }: Pick<Machine, 'now' | 'sleep'> = realMachine,
): Promise<string> {
  const id = randomUUID();
  runner.save('lock', id);
  // https://github.com/hashicorp/terraform/blob/v1.11.4/internal/states/statemgr/locker.go
  const body = JSON.stringify({
    ID: id,
    Operation: `OperationType${operation === 'apply' ? 'Apply' : 'Destroy'}`,
    Info: runner.context.runUrl ?? '',
    Who: whoIs(runner.context),
    Version: version,
    Created: new Date(now()).toISOString(),
    Path: `${state.bucket}/${state.key}`,
  });
  /** Nothing for `post` to release. */
  const without = (message: string) => {
    runner.save('lock', '');
    return new UserError(message);
  };
  const taken = () => {
    runner.save('lock-held', id);
    return id;
  };
  const deadline = now() + patience;
  for (let looks = 0; !runner.stop.aborted; looks++) {
    const { status } = await bucket('PUT', lockKey(state), { headers: { 'if-none-match': '*' }, body });
    if (status === 200) return taken();
    if (status !== 412 && status !== 409)
      throw without(`The lock ${lockKey(state)} could not be written: the bucket answered ${status}`);
    const held = await heldLock(bucket, state);
    if (held?.id === id) return taken(); // the answer to an earlier try was lost
    if (now() > deadline) throw without(held ? stillHeld(held, state) : neverShown(state, status));
    if (held && looks === 0)
      runner.info(`The state is locked by ${describe(held)}: waiting for at most 5 minutes`);
    if (held) runner.progress(`waiting for the lock of ${describe(held)}`);
    await sleep(pause);
  }
  throw without('Stopped on request while waiting for the lock: nothing was changed');
}

const neverShown = (state: StateLocation, status: number): string =>
  `The lock ${lockKey(state)} could not be written for 5 minutes, and nothing was changed: the bucket answered ${status}, as if somebody held it, and shows no lock; try again, or see https://www.exoscalestatus.com`;

const stillHeld = (lock: Lock, state: StateLocation): string =>
  `The state is still locked by ${describe(lock)}, and nothing was changed: wait until ${lock.run ? 'that run' : 'whoever it is'} has ended; if it left a state that it could not upload, put that back with the input "recover" of ${actionOf(lock.operation)}, or with "--recover", which releases the lock too; if it died without releasing the lock, and only then, ${lock.id ? `release it with "terraform force-unlock ${lock.id}" as terraform/README.md shows under "By hand"` : `delete ${lockKey(state)} from the bucket "${state.bucket}"`}`;

/**
 * Releases a lock that is ours; false when it is not there any more, or another one is.
 * @throws UserError when it stays: then `post` tries again
 */
export async function release(
  runner: Runner,
  bucket: Bucket,
  state: StateLocation,
  id: string,
): Promise<boolean> {
  const held = await heldLock(bucket, state);
  const isOurs = held?.id === id;
  if (isOurs) {
    runner.save('lock-held', ''); // from now on it may be gone by our own doing
    assertStatus(
      await bucket('DELETE', lockKey(state)),
      gone,
      `The lock ${lockKey(state)} could not be released, and nothing is applied as long as it stands`,
      `if the step's clean-up cannot release it either, or in a terminal, run "terraform force-unlock ${id}" as terraform/README.md shows under "By hand"`,
    );
  }
  runner.save('lock', '');
  return isOurs;
}

function whoIs({ repository, actor }: Context): string {
  if (repository) return `${actor ?? 'somebody'} in ${repository}`;
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return hostname(); // a user whom the system has no name for
  }
}

import { randomUUID } from 'node:crypto';
import { lstat, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import { assertStatus, type Bucket, gone } from './bucket.ts';
import { actionOf, type Operation } from './lock.ts';
import { seal, unseal } from './seal.ts';
import type { StateLocation } from './state.ts';

/*
 * When Terraform cannot upload the state that it has made, it leaves it as errored.tfstate, in clear, where it ran. It is
 * the only record of what was changed. We seal it at once and put it beside the state, or leave it as a file when the bucket
 * cannot be reached; nothing is applied until it is recovered.
 */

/** A sealed state. All but the state itself can be read by anybody, and be changed by nobody. */
export interface Sealed {
  version: 1;
  environment: string;
  /** Empty for an environment that had no state before: it is the first upload that gives it one. */
  lineage: string;
  serial: number;
  /** The lock that the apply held, which may stand still. */
  lock: string;
  /** The page of the run that made it, or an empty text. */
  run: string;
  /** When it was sealed. */
  at: string;
  /** What has made it; older ones do not say. */
  operation?: Operation;
  /** base64 */
  state: string;
}

/** The secret is that of the key that applies: it cannot be guessed, and whoever puts the state back needs it anyway. */
export interface Keeping {
  environment: string;
  operation: Operation;
  /** The folder in which Terraform runs. */
  directory: string;
  bucket: Bucket;
  state: StateLocation;
  secret: string;
}

const clearFile = ({ directory }: Pick<Keeping, 'directory'>): string => join(directory, 'errored.tfstate');
/** In the folder where we run, so that a workflow and a person can find it. */
export const sealedFile = (environment: string): string => `${environment}.errored.json`;
const objectKey = ({ key }: StateLocation): string => `${key}.errored`;

/** Whether Terraform has left a state that it could not upload: what is planned then is planned from the one before. */
export const isLeft = async (keeping: Pick<Keeping, 'directory'>): Promise<boolean> =>
  (await textOf(clearFile(keeping))) !== undefined;

/**
 * Asked before anything is applied. Terraform says that it has written the file also when it could not.
 * @throws UserError when there is one that we have not made, for it is somebody's only record, or when none could be made
 */
export async function refuseClear(keeping: Keeping): Promise<void> {
  const file = clearFile(keeping);
  const isThere = await lstat(file).then(
    () => true,
    () => false,
  );
  if (isThere)
    throw new UserError(
      `${file} is there, the state of an apply by hand that could not be uploaded: put it back with "terraform state push errored.tfstate", or delete it if that has been done`,
    );
  // Under a name of its own: a clean-up after a kill, or another environment, would take an empty file for a lost state.
  const probe = `${file}.${randomUUID()}`;
  try {
    await writeFile(probe, '');
    await rm(probe);
  } catch (error) {
    throw new UserError(
      `${file} cannot be written (${(error as NodeJS.ErrnoException).code}), and there Terraform keeps a state that it cannot upload: make the folder writable, with room on its disk`,
    );
  }
}

/** Whether Terraform says that it could not save the state. */
export const isUnsaved = (messages: readonly string[]): boolean =>
  messages.some(each => each.startsWith('Failed to save state'));

/**
 * Seals what Terraform has left, if it has left something, and removes it.
 * @param unsaved Terraform could not save the state: then no file, or an empty one, is a state that is lost, and blocks too
 * @returns where it is by now, when it could not be a file here for `store` to take
 */
export async function sealErrored(
  runner: Runner,
  keeping: Keeping,
  lock: string,
  unsaved = false,
): Promise<'in the bucket' | undefined> {
  const text = (await textOf(clearFile(keeping))) ?? (unsaved ? '' : undefined);
  if (text === undefined) return undefined;
  const { lineage, serial } = identity(text);
  const about = {
    version: 1,
    environment: keeping.environment,
    lineage,
    serial,
    lock,
    run: runner.context.runUrl ?? '',
    at: new Date().toISOString(),
    operation: keeping.operation,
  } as const;
  const state = seal(keeping.secret, 'errored state', JSON.stringify(about), Buffer.from(text));
  const sealed: Sealed = { ...about, state: state.toString('base64') };
  // A full disk may be why it was not saved: then it goes to the bucket from here.
  const kept = await writeFile(sealedFile(keeping.environment), JSON.stringify(sealed), {
    mode: 0o600,
  }).catch(() => block(keeping, sealed));
  await rm(clearFile(keeping), { force: true });
  return kept ?? undefined;
}

/** Of half a state, as a killed Terraform leaves it, nothing is known, and it is kept all the same. */
const half = { lineage: '', serial: 0 };

function identity(text: string): { lineage: string; serial: number } {
  try {
    return JSON.parse(text) as { lineage: string; serial: number };
  } catch {
    return half;
  }
}

/** The state in clear. @throws UserError for one that was sealed with another secret, or changed, or is half of one */
export function openSealed({ state, ...about }: Sealed, secret: string): string {
  const text = unseal(secret, 'errored state', JSON.stringify(about), Buffer.from(state, 'base64'));
  if (!text) {
    throw new UserError(
      `The state that was kept at ${about.at} cannot be opened: give the Exoscale key with which that apply was made`,
    );
  }
  if (identity(String(text)) !== half) return String(text);
  throw new UserError(
    `Of the state that was kept at ${about.at} only a part is there, or nothing, as Terraform was killed while it wrote it or the disk was full, and nothing was changed: look in Exoscale's console for what was made, import it by hand, then delete ${sealedFile(about.environment)} and, in the bucket, the objects beside the state that end in .errored and .tflock`,
  );
}

/** For how long a bucket that does not answer is asked again, in milliseconds. */
const patience = 60_000;

/**
 * Puts the sealed file of this lock beside the state, and removes it here.
 * @returns where the state is kept; undefined when there is none to keep
 */
export async function store(
  runner: Runner,
  keeping: Keeping,
  lock: string,
): Promise<'in the bucket' | 'here' | undefined> {
  const sealed = await sealedHere(keeping.environment);
  if (sealed?.lock !== lock) return undefined;
  for (const deadline = Date.now() + patience; ; await sleep(2_000)) {
    try {
      const { status } = await keeping.bucket('PUT', objectKey(keeping.state), {
        body: JSON.stringify(sealed),
      });
      if (status !== 200) throw new UserError(`The bucket answered ${status}`);
      await rm(sealedFile(keeping.environment));
      return 'in the bucket';
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      // Asked to stop, one try is enough: `post` goes on with it, or the person who has the file.
      if (Date.now() > deadline || runner.stop.aborted) return 'here';
      runner.progress(`keeping the state, which could not be uploaded: ${error.message}`);
    }
  }
}

/** Puts a sealed state where it blocks every apply, unless one does already. @throws UserError when that fails */
export async function block({ bucket, state }: Keeping, sealed: Sealed): Promise<'in the bucket'> {
  const answer = await bucket('PUT', objectKey(state), {
    headers: { 'if-none-match': '*' },
    body: JSON.stringify(sealed),
  });
  assertStatus(answer, [200, 412], `${objectKey(state)} could not be written`);
  return 'in the bucket';
}

/** The sealed state beside the state: as long as it is there, nothing may be applied. */
export async function sealedInBucket(bucket: Bucket, state: StateLocation): Promise<Sealed | undefined> {
  const key = objectKey(state);
  const { status, body } = await bucket('GET', key);
  return status === 200 ? read(body, `${key} in the bucket "${state.bucket}"`) : undefined;
}

/** The sealed state as a file in this folder: as we write it, or copied out of a log, with the times before its lines. */
export async function sealedHere(environment: string): Promise<Sealed | undefined> {
  const file = sealedFile(environment);
  const text = (await textOf(file))?.trim();
  if (text === undefined) return undefined;
  const lines = text.split('\n').map(line => line.trim().split(' ').at(-1));
  return read(text.startsWith('{') ? text : String(Buffer.from(lines.join(''), 'base64')), file);
}

const texts = ['environment', 'lineage', 'lock', 'run', 'at', 'state'] as const;

/** @throws UserError for anything else: it may be all that is left of a state, so nothing goes over it */
function read(json: string, where: string): Sealed {
  try {
    const found = JSON.parse(json) as Partial<Record<string, unknown>> | null;
    const isWhole =
      found?.version === 1 &&
      Number.isSafeInteger(found.serial) &&
      texts.every(name => typeof found[name] === 'string');
    if (isWhole) return found as unknown as Sealed;
  } catch {} // said below, without a word of what stands there
  throw new UserError(
    `${where} is no sealed state, or half of one: take the whole one from the log or the artifact of the run whose state could not be uploaded, or delete it if there is no such run`,
  );
}

/** One to be copied out of a log. */
export const printed = (sealed: Sealed): string[] =>
  Buffer.from(JSON.stringify(sealed))
    .toString('base64')
    .match(/.{1,4000}/g) ?? [];

/** Takes away what blocks the next apply, once the state is back. @throws UserError when it stays */
export async function forget({ bucket, state, environment }: Keeping): Promise<void> {
  assertStatus(
    await bucket('DELETE', objectKey(state)),
    gone,
    `The state is back, and ${objectKey(state)}, which blocks the next apply, could not be deleted`,
  );
  await rm(sealedFile(environment), { force: true });
}

/** How to put back what an operation has left, which then goes on, as a clause. */
export function wayBack(environment: string, operation: Operation = 'apply'): string {
  const action = actionOf(operation);
  const confirm = operation === 'destroy' ? ` --confirm ${environment}` : '';
  return `with the input "recover" of ${action}, or with "npm run slipway -- ${action} ${environment}${confirm} --recover"`;
}

/** What keeps a state that is not wanted any more. */
export const discard = ({ environment, state }: Keeping, { lock }: Sealed): string =>
  `delete ${sealedFile(environment)} and, in the bucket, ${objectKey(state)}, where they are, and if its lock still stands, run "terraform force-unlock ${lock}" as terraform/README.md shows under "By hand"`;

/** What blocks, and how to go on, as a clause. */
export const unrecovered = ({ environment, at, run, operation }: Sealed): string =>
  `The state of ${environment} could not be uploaded at ${at}${run ? ` by ${run}` : ''} and is kept sealed beside it: put it back ${wayBack(environment, operation)}`;

const textOf = (file: string): Promise<string | undefined> =>
  readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });

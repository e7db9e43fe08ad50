import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import {
  discard,
  forget,
  type Keeping,
  openSealed,
  type Sealed,
  sealedFile,
  sealedHere,
  sealedInBucket,
} from './errored.ts';

/** A state as Terraform stores it; `text` holds secrets. */
export interface StoredState {
  lineage: string;
  serial: number;
  text: string;
}

export interface StateAccess {
  pull(): Promise<StoredState | undefined>;
  push(file: string): Promise<void>;
}

/** The newest sealed state, if there is one: in the bucket, or as the file of an artifact. */
export async function newestSealed({ bucket, state, environment }: Keeping): Promise<Sealed | undefined> {
  const found = [await sealedInBucket(bucket, state), await sealedHere(environment)];
  return found.filter(each => each !== undefined).toSorted((a, b) => b.serial - a.serial)[0];
}

/** The one that is to be put back, if there is one. @throws UserError when it cannot be opened */
export async function findSealed(keeping: Keeping): Promise<Sealed | undefined> {
  const newest = await newestSealed(keeping);
  if (!newest) return undefined;
  if (newest.environment !== keeping.environment)
    throw new UserError(
      `${sealedFile(keeping.environment)} is of ${newest.environment}: take the right file`,
    );
  // Before anybody goes by what stands in it, its lock above all.
  openSealed(newest, keeping.secret);
  return newest;
}

/**
 * Whether a state is back already.
 * @throws UserError when it does not come after the present one, which it would replace
 */
export function isBack(keeping: Keeping, sealed: Sealed, present: StoredState | undefined): boolean {
  const { lineage, serial } = sealed;
  if (!present) return false;
  if (present.lineage !== lineage) {
    throw new UserError(
      `The state that was kept has the lineage ${lineage}, and the present one ${present.lineage}: they are not of the same resources, and the present one is left as it is; if nothing is missing there, ${discard(keeping, sealed)}`,
    );
  }
  if (contents(present.text) === contents(openSealed(sealed, keeping.secret))) return true;
  if (present.serial < serial) return false;
  throw new UserError(
    `The state was written since (its serial is ${present.serial}, that of the one that was kept ${serial}), so putting the latter back would lose something, and the present one is left as it is: see with "terraform state list" what is missing and import it, then ${discard(keeping, sealed)}`,
  );
}

/** Puts the state back, unless it is there already, and takes away what blocks the next apply. */
export async function recover(
  runner: Runner,
  keeping: Keeping,
  sealed: Sealed,
  { pull, push }: StateAccess,
): Promise<void> {
  if (!isBack(keeping, sealed, await pull())) {
    const file = join(await runner.folder(), 'recovered.tfstate');
    await writeFile(file, openSealed(sealed, keeping.secret), { mode: 0o600 });
    await push(file);
  }
  await forget(keeping);
  runner.info(
    `The state of ${keeping.environment} that could not be uploaded at ${sealed.at} is back (serial ${sealed.serial})`,
  );
}

/** What a push may write differently does not count. */
const contents = (text: string): string => {
  const { resources, outputs, serial } = JSON.parse(text) as Record<string, unknown>;
  return JSON.stringify([serial, resources, outputs]);
};

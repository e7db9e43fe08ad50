import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import {
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

/**
 * The sealed state that is to be put back, if there is one: from the bucket, or from the file of an artifact.
 * @throws UserError when it cannot be opened
 */
export async function findSealed(runner: Runner, keeping: Keeping): Promise<Sealed | undefined> {
  const found = [
    await sealedInBucket(keeping.bucket, keeping.state),
    await sealedHere(keeping.environment),
  ].filter(each => each !== undefined);
  const [newest] = found.toSorted((a, b) => b.serial - a.serial);
  const file = sealedFile(keeping.environment);
  if (!newest)
    runner.notice(
      `There is no state of ${keeping.environment} to recover, neither beside its place in the bucket nor as ${file} in this folder`,
    );
  if (!newest) return undefined;
  if (newest.environment !== keeping.environment)
    throw new UserError(`${file} is of ${newest.environment}: take the right file`);
  // Before anybody goes by what stands in it, its lock above all.
  openSealed(newest, keeping.secret);
  return newest;
}

/** Puts the state back, unless it is there already, and takes away what blocks the next apply. */
export async function recover(
  runner: Runner,
  keeping: Keeping,
  sealed: Sealed,
  { pull, push }: StateAccess,
): Promise<void> {
  const text = openSealed(sealed, keeping.secret);
  const { lineage, serial } = sealed;
  const present = await pull();
  if (present && present.lineage !== lineage) {
    throw new UserError(
      `The state that was kept has the lineage ${lineage}, and the present one ${present.lineage}: they are not of the same resources, nothing was changed`,
    );
  }
  const isThere = present !== undefined && contents(present.text) === contents(text);
  if (present && !isThere && present.serial >= serial) {
    throw new UserError(
      `The state was written since (its serial is ${present.serial}, that of the one that was kept ${serial}), so putting the latter back would lose something, and nothing was changed: see with "terraform state list" what is missing, import it, and delete ${keeping.state.key}.errored from the bucket`,
    );
  }
  if (!isThere) {
    const file = join(await runner.folder(), 'recovered.tfstate');
    await writeFile(file, text, { mode: 0o600 });
    await push(file);
  }
  await forget(keeping);
  runner.info(
    `The state of ${keeping.environment} that could not be uploaded at ${sealed.at} is back (serial ${serial})`,
  );
}

/** What a push may write differently does not count. */
const contents = (text: string): string => {
  const { resources, outputs, serial } = JSON.parse(text) as Record<string, unknown>;
  return JSON.stringify([serial, resources, outputs]);
};

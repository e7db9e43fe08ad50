import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { chown, type FileHandle, lstat, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, normalize, sep } from 'node:path';
import { UserError } from '../../runner/errors.ts';
import { kustomizationNames } from './formats/kustomization.ts';

/** A file as it was read. */
export interface ReadFile {
  /** Relative to the folder, with `/`. */
  path: string;
  /** Where it is. */
  place: string;
  bytes: Buffer;
  stats: Stats;
}

/**
 * Reads a file of a folder that somebody else may have named: nothing outside of the folder, and nothing that a symbolic
 * link stands in front of.
 * @throws UserError with the path as it was given
 */
export async function readWithin(folder: string, given: string): Promise<ReadFile> {
  const path = normalize(given);
  const refuse = (why: string, cause?: unknown) => new UserError(why, { file: given }, { cause });
  if (isAbsolute(given) || given.includes('\0') || given.split(/[\\/]/).includes('..')) {
    throw refuse(
      'This path leads out of the folder: name a file in it, without ".." and without a leading "/", and the folder with directory',
    );
  }
  const steps = path.split(sep).filter(step => step !== '' && step !== '.');
  if (steps.length === 0) throw refuse('This is a folder: name the file in it');
  for (const [index] of steps.entries()) {
    const step = join(folder, ...steps.slice(0, index + 1));
    const found = await lstat(step).catch(cause => {
      throw isMissing(cause)
        ? refuse('There is no such file: see how it is spelled, and which folder it is in', cause)
        : cause;
    });
    if (found.isSymbolicLink())
      throw refuse('This goes through a symbolic link, which is never followed: name the file itself');
    if (index < steps.length - 1) continue;
    if (!found.isFile()) throw refuse('This is no file: name the file itself');
    // It would be put in place all the same, for that takes no more than a folder that may be written.
    if ((found.mode & 0o222) === 0)
      throw refuse('This file is read-only: see why, and make it writable first (chmod u+w)');
  }
  const place = join(folder, ...steps);
  await refuseTwins(place, refuse);
  // Where a link is put in between after all, opening fails.
  const handle = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    return { path: steps.join('/'), place, bytes: await handle.readFile(), stats: await handle.stat() };
  } finally {
    await handle.close();
  }
}

/** kustomize refuses a folder with two of its files: whatever was written to one of them would help nobody. */
async function refuseTwins(place: string, refuse: (why: string) => UserError): Promise<void> {
  if (!kustomizationNames.includes(basename(place))) return;
  const others = (await readdir(dirname(place))).filter(
    name => kustomizationNames.includes(name) && name !== basename(place),
  );
  if (others.length > 0) {
    throw refuse(
      `There is ${others.join(' and ')} beside it, and kustomize takes no two: delete the one that is not meant`,
    );
  }
}

/**
 * Writes files so that each is whole at every moment, with its mode and owner, and so that none is written when one of
 * them cannot be, or was changed by somebody since it was read.
 */
export async function replaceAll(files: readonly { was: ReadFile; bytes: Uint8Array }[]): Promise<void> {
  const made: { temporary: string; was: ReadFile }[] = [];
  try {
    for (const { was, bytes } of files) {
      const temporary = join(
        dirname(was.place),
        `.${basename(was.place)}.${randomBytes(6).toString('hex')}.tmp`,
      );
      made.push({ temporary, was });
      await writeBeside(temporary, was.stats, bytes);
    }
    for (const { was } of made) await refuseChanged(was);
    for (const { temporary, was } of made) await rename(temporary, was.place);
  } finally {
    await Promise.all(made.map(({ temporary }) => rm(temporary, { force: true })));
  }
}

async function writeBeside(temporary: string, { mode, uid, gid }: Stats, bytes: Uint8Array): Promise<void> {
  const handle: FileHandle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.chmod(mode & 0o7777);
    await handle.sync();
    const own = await handle.stat();
    // Root in a container leaves a file to whom it belonged.
    if (own.uid !== uid || own.gid !== gid) await chown(temporary, uid, gid).catch(() => {});
  } finally {
    await handle.close();
  }
}

async function refuseChanged({ path, place, bytes }: ReadFile): Promise<void> {
  const handle = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => undefined);
  try {
    if (handle && bytes.equals(await handle.readFile())) return;
  } finally {
    await handle?.close();
  }
  throw new UserError('Somebody has changed this file meanwhile: nothing was written; run this again', {
    file: path,
  });
}

const isMissing = (cause: unknown): boolean =>
  ['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException).code ?? '');

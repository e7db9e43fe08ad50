import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from './errors.ts';

/**
 * Makes a folder of our own.
 * @param parent where temporary files go
 * @throws UserError when that does not exist
 */
export const ownFolder = (parent: string): Promise<string> =>
  mkdtemp(join(parent, 'slipway-')).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT' && cause.code !== 'ENOTDIR') throw cause;
    throw new UserError(
      `${parent}, where temporary files go, is no folder: make it, or set RUNNER_TEMP (without it TMPDIR) to one that is there`,
      undefined,
      { cause },
    );
  });

/**
 * Removes folders of our own. A child that is not quite gone may still write into one, so it is tried again; what stays after
 * all is told, and hides no error before it.
 */
export async function removeFolders(
  folders: readonly string[],
  warn: (message: string) => void,
): Promise<void> {
  const remove = (folder: string) =>
    rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }).catch(
      ({ code }: NodeJS.ErrnoException) =>
        warn(`${folder} could not be removed (${code}): remove it by hand, credentials may be in it`),
    );
  await Promise.all(folders.map(remove));
}

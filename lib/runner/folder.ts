import { mkdtemp } from 'node:fs/promises';
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

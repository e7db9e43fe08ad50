import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { UserError } from '../../lib/runner/errors.ts';

export function diskFull(): UserError {
  return new UserError(
    `The disk is full: make room in ${tmpdir()}, or set TMPDIR to a folder on a larger disk, and run the demo again`,
  );
}

/** Asked while everything that fills it is still there; a megabyte is less than any part writes at once. */
export async function isFull(folder: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize < 1024 * 1024;
}

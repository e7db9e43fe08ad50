import { readFile } from 'node:fs/promises';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { UserError } from '../../../runner/errors.ts';

/**
 * The roots of a Sigstore instance of one's own, as `gh attestation trusted-root` writes them: JSON, one a line or one in all.
 * @throws UserError for a file that is none
 */
export async function readTrustedRoots(file: string): Promise<TrustedRoot[]> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new UserError(
      `The trusted root ${file} could not be read (${cause.code}): see trusted-root in platform.yaml`,
    );
  });
  try {
    const roots = documents(text).map(each => TrustedRoot.fromJSON(each));
    if (roots.length === 0 || roots.some(({ certificateAuthorities: { length } }) => length === 0))
      throw new Error('it names no certificate authority');
    return roots;
  } catch (error) {
    throw new UserError(
      `This is no trusted root (${(error as Error).message}): write it with "gh attestation trusted-root"`,
      { file },
    );
  }
}

function documents(text: string): unknown[] {
  try {
    return [JSON.parse(text)];
  } catch {
    return text
      .split('\n')
      .filter(line => line.trim())
      .map(line => JSON.parse(line) as unknown);
  }
}

/**
 * The root of Sigstore's public instance, by The Update Framework from the root that the library carries.
 * @param folder keeps what was fetched, for this run
 * @throws UserError when it is not reached
 */
export async function publicTrustedRoots(folder: string): Promise<TrustedRoot[]> {
  const { getTrustedRoot } = await import('@sigstore/tuf');
  try {
    return [await getTrustedRoot({ cachePath: folder, retry: 3, timeout: 20_000 })];
  } catch (error) {
    throw new UserError(
      `Sigstore's trusted root could not be fetched from tuf-repo-cdn.sigstore.dev (${(error as Error).message}): let the runner reach it, or give a file as trusted-root`,
    );
  }
}

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

/** Where a root comes from by The Update Framework, and the first root of all, which one has on file. */
export interface Repository {
  mirrorURL: string;
  rootPath: string;
}

/**
 * The root of Sigstore's public instance, by The Update Framework (https://theupdateframework.github.io/specification/latest/),
 * beginning with the root that the library carries.
 * @param folder keeps what was fetched, for this run
 * @param other another instance than the public one
 * @throws UserError when it is not reached, or cannot be believed
 */
export async function publicTrustedRoots(folder: string, other?: Repository): Promise<TrustedRoot[]> {
  const { DEFAULT_MIRROR_URL: address, getTrustedRoot } = await import('@sigstore/tuf');
  try {
    return [await getTrustedRoot({ ...other, cachePath: folder, retry: 3, timeout: 20_000 })];
  } catch (error) {
    throw new UserError(
      `Sigstore's trusted root could not be fetched from ${other?.mirrorURL ?? address} (${deepest(error)}): let the runner reach it (behind a proxy with NODE_USE_ENV_PROXY=1), or give a file as trusted-root in platform.yaml`,
    );
  }
}

/** What went wrong in the end: around it stands only that something did. */
const deepest = (error: unknown): string => {
  const { cause, message } = error as Error;
  return cause instanceof Error ? deepest(cause) : message;
};

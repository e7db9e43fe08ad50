import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type File, type Place, snapshot } from '../github/files.ts';
import type { Repository } from '../github/repository.ts';
import { forAll, UserError } from '../runner/errors.ts';
import { type HeldFile, heldPath, readHeld } from './held/file.ts';
import { type Pin, pinFolder, pinPath, readPin } from './pin.ts';

/** The pins and holds of some environments, all from the same commit. */
export interface World {
  /** The branch and its head; empty for a working tree. */
  branch: string;
  head: string;
  pins(environment: string): Pin[];
  held(environment: string): HeldFile;
}

/** Reads pins at the head of a branch, the default one unless told, or at a commit, through GitHub. */
export async function observe(
  repository: Repository,
  environments: readonly string[],
  services: readonly string[],
  place?: Place,
): Promise<World> {
  const { head, branch, files } = await snapshot(repository, environments.map(pinFolder), place);
  return { head, branch, ...reader(environment => files(pinFolder(environment)), services) };
}

/** Reads pins where they are checked out. */
export async function observeFolder(
  root: string,
  environments: readonly string[],
  services: readonly string[],
): Promise<World> {
  const read = await Promise.all(
    environments
      .flatMap(environment => [
        heldPath(environment),
        ...services.map(service => pinPath(environment, service)),
      ])
      .map(async (path): Promise<File[]> => {
        // As GitHub has it: a link is never followed, and a folder is no file.
        const found = await lstat(join(root, path)).catch(cause => {
          if (cause.code === 'ENOENT') return undefined;
          throw cause;
        });
        if (!found || found.isDirectory()) return [];
        if (!found.isFile())
          throw new UserError('This is a symbolic link, which is never followed: put the file itself here', {
            file: path,
          });
        return [{ path, bytes: await readFile(join(root, path)) }];
      }),
  );
  const files = read.flat();
  return { branch: '', head: '', ...reader(() => files, services) };
}

const reader = (
  files: (environment: string) => readonly File[],
  services: readonly string[],
): Pick<World, 'pins' | 'held'> => ({
  pins: memoised(environment => readPins(files(environment), environment, services)),
  held: memoised(environment => {
    const path = heldPath(environment);
    const found = files(environment).find(file => file.path === path);
    return readHeld(path, found?.bytes ?? new Uint8Array(), services);
  }),
});

/** Pins of services that platform.yaml knows; other files in the folder are none of ours. */
function readPins(files: readonly File[], environment: string, services: readonly string[]): Pin[] {
  const known = new Map(files.map(file => [file.path, file]));
  // All that is wrong in one go: nobody wants to mend one file a run.
  return forAll(services, service => {
    const found = known.get(pinPath(environment, service));
    return found ? [readPin(service, found.path, found.bytes)] : [];
  }).flat();
}

function memoised<T>(read: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>();
  return key => {
    const value = known.get(key) ?? read(key);
    known.set(key, value);
    return value;
  };
}

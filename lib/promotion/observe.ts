import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type File, snapshot } from '../github/files.ts';
import type { Repository } from '../github/repository.ts';
import { UserError, UserErrors } from '../runner/errors.ts';
import { type Pin, pinFolder, readPin } from './pin.ts';

/** The pins of some environments, all from the same commit. */
export interface World {
  /** The branch and its head; empty for a working tree. */
  branch: string;
  head: string;
  pins(environment: string): Pin[];
}

/** Reads pins at the head of a branch, the default one unless told, through GitHub. */
export async function observe(
  repository: Repository,
  environments: readonly string[],
  services: readonly string[],
  branch?: string,
): Promise<World> {
  const { head, branch: name, files } = await snapshot(repository, environments.map(pinFolder), branch);
  return {
    head,
    branch: name,
    pins: memoised(environment => readPins(files(pinFolder(environment)), environment, services)),
  };
}

/** Reads pins where they are checked out. */
export async function observeFolder(
  root: string,
  environments: readonly string[],
  services: readonly string[],
): Promise<World> {
  const read = await Promise.all(
    environments.flatMap(environment =>
      services.map(async (service): Promise<File[]> => {
        const path = pinFile(environment, service);
        try {
          return [{ path, bytes: await readFile(join(root, path)) }];
        } catch (cause) {
          if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
          throw cause;
        }
      }),
    ),
  );
  const files = read.flat();
  return { branch: '', head: '', pins: memoised(environment => readPins(files, environment, services)) };
}

const pinFile = (environment: string, service: string): string => `${pinFolder(environment)}/${service}.yaml`;

/** Pins of services that platform.yaml knows; other files in the folder are none of ours. */
function readPins(files: readonly File[], environment: string, services: readonly string[]): Pin[] {
  const errors: UserError[] = [];
  const pins = services.flatMap(service => {
    const found = files.find(({ path }) => path === pinFile(environment, service));
    if (!found) return [];
    try {
      return [readPin(service, found.path, found.bytes)];
    } catch (error) {
      // All of them in one go: nobody wants to mend one file a run.
      if (error instanceof UserErrors) errors.push(...error.errors);
      else if (error instanceof UserError) errors.push(error);
      else throw error;
      return [];
    }
  });
  if (errors.length > 0) throw new UserErrors(errors);
  return pins;
}

function memoised<T>(read: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>();
  return key => {
    const value = known.get(key) ?? read(key);
    known.set(key, value);
    return value;
  };
}

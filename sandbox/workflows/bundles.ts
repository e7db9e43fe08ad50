import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { guard } from '../guard.ts';
import type { Run } from '../run.ts';
import { cacheFolder, removeUnused } from '../tools/cache.ts';

const root = join(import.meta.dirname, '../..');
const sources = ['actions/**/*.ts', 'lib/**/*.ts', 'package-lock.json', 'scripts/build.ts'];

/**
 * The folder with the bundles of all actions as they are in this checkout. It is made once and kept in the cache, where Node
 * finds what it has compiled of them too: that takes as long as the bundling.
 */
export async function bundles(run: Run): Promise<string> {
  const all = bundlesFolder();
  const folder = join(all, key(root));
  if (!existsSync(folder)) await make(run, all, folder);
  utimesSync(folder, new Date(), new Date());
  return folder;
}

/** Where bundles lie, each set in a folder that its sources name. */
export const bundlesFolder = (): string => join(cacheFolder(), 'bundles');

/** Names the sources of a checkout's bundles: with the same key they come out the same. */
export function key(checkout: string): string {
  const hash = createHash('sha256');
  for (const file of globSync(sources, { cwd: checkout }).sort())
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(checkout, file)))
      .update('\0');
  return hash.digest('hex').slice(0, 12);
}

/** They appear under their name whole; when two make them at once, the first counts. */
async function make(run: Run, all: string, folder: string): Promise<void> {
  mkdirSync(all, { recursive: true });
  removeUnused(all);
  const scratch = `${folder}-${crypto.randomUUID()}`;
  const post = guard(scratch);
  try {
    // In a process of its own: bundling takes more memory than all stand-ins together, and Node does not give it back.
    const script = join(root, 'scripts/build.ts');
    await promisify(execFile)(process.execPath, [script, scratch], { env: run.environment() });
    if (!existsSync(folder)) renameSync(scratch, folder);
  } finally {
    await post.close();
  }
}

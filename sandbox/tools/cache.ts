import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheKey, readPins, type ToolName, tools } from './parts.ts';

/**
 * What all checkouts of this user share: finished tools (0.5 GB), Go's modules (1.8 GB) and objects (3.5 GB). Objects stay
 * although the tools are finished, since with them an upgrade, or one more command of Kubernetes, takes seconds and not
 * minutes; Go itself drops what has not been used for days. The folder may be removed while nothing builds.
 */
export const cacheFolder = (): string =>
  join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'slipway');

/** Where a tool is or will be. The pins are in the path, so what exists there is right. */
export function toolPath(name: ToolName): string {
  const { part } = tools[name];
  return join(cacheFolder(), 'tools', `${part}-${cacheKey(part, readPins(part))}`, name);
}

export const isBuilt = (name: ToolName): boolean => existsSync(toolPath(name));

/** A folder for one build, beside the finished tools so that a rename takes it there. Only the lock's holder may call this. */
export function scratchFolder(): string {
  const tools = join(cacheFolder(), 'tools');
  mkdirSync(tools, { recursive: true });
  for (const entry of readdirSync(tools)) {
    // The holder of the lock is the only builder: any other scratch folder belonged to one that was killed.
    if (entry.startsWith(scratchPrefix))
      rmSync(join(tools, entry), { recursive: true, force: true, maxRetries: 5 });
  }
  const scratch = mkdtempSync(join(tools, scratchPrefix));
  mkdirSync(join(scratch, 'tmp'));
  return scratch;
}
const scratchPrefix = '.building-';

/** Days that something stays in the cache which nobody asks for: a run uses it for as long as it lasts. */
const unused = 3;

/** Removes what nobody has touched for days. */
export function removeUnused(folder: string): void {
  for (const name of readdirSync(folder)) {
    const age = Date.now() - statSync(join(folder, name)).mtimeMs;
    if (age > unused * 24 * 60 * 60 * 1000) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

const busy = 5; // SQLITE_BUSY

/**
 * The right to build, one process at a time on this cache: two builds at once only slow each other. It is a lock of the
 * kernel's on a file (which Node offers through SQLite only), so it ends with its holder, however that ends.
 */
function tryLock(): Disposable | undefined {
  const folder = cacheFolder();
  mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(join(folder, 'build.lock'), { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode === busy) return undefined;
    throw error;
  }
  writeFileSync(join(folder, 'build.pid'), `${process.pid}\n`);
  return { [Symbol.dispose]: () => database.close() };
}

function lockHolder(): number | undefined {
  const file = join(cacheFolder(), 'build.pid');
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : undefined;
}

/**
 * Waits for the right to build, or for `unnecessary`, whichever is first.
 * @param waiting told once, with the process that has the right
 */
export async function buildLock(
  unnecessary: () => boolean,
  waiting: (pid: number) => void,
): Promise<Disposable | undefined> {
  for (let told = false; !unnecessary(); await sleep(200)) {
    const lock = tryLock();
    if (lock !== undefined) return lock;
    const holder = lockHolder();
    if (!told && holder !== undefined) waiting(holder);
    told ||= holder !== undefined;
  }
  return undefined;
}

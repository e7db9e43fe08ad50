import { execFile } from 'node:child_process';
import { mkdir, stat, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import { coerce, gte } from 'semver';
import { load } from '../../lib/platform/platform.ts';
import { UserError, UserErrors } from '../../lib/runner/errors.ts';
import { cacheFolder, isBuilt } from '../../sandbox/tools/cache.ts';
import { demandGo } from '../../sandbox/tools/go.ts';
import { describe, fullTools, sandboxTools, type ToolName } from '../../sandbox/tools/parts.ts';

const GiB = 1024 ** 3;
// Measured: state, logs and databases of a whole demo; Go's modules, objects and the finished tools of a first run.
const room = { run: 1 * GiB, build: 8 * GiB };

/**
 * Looks for everything that would stop the demo half-way, before anything is started.
 * @throws UserErrors with all that is missing
 */
export async function preflight(platformFile: string, full: boolean): Promise<void> {
  const tools: readonly ToolName[] = full ? fullTools : sandboxTools;
  const missing = tools.filter(name => !isBuilt(name));
  const cold = missing.length > 0;
  const found = await Promise.all([
    installed('terraform', ['version'], '1.10', 'developer.hashicorp.com/terraform/install'),
    installed('git', ['--version'], '2.38', 'your package manager has it'),
    compiler(missing),
    enterable(tmpdir()),
    space(tmpdir(), room.run, 'Set TMPDIR to a folder on a larger disk'),
    cold ? space(cacheFolder(), room.build, 'Set XDG_CACHE_HOME to a folder on a larger disk') : [],
    load(platformFile).then(
      () => [],
      error => (error instanceof UserErrors ? error.errors : [error as UserError]),
    ),
  ]);
  const errors = found.flat();
  if (errors.length > 0) throw new UserErrors(errors);
}

async function installed(command: string, args: string[], least: string, from: string): Promise<UserError[]> {
  try {
    const { stdout } = await promisify(execFile)(command, args);
    const [version = ''] = /\d+\.\d+(\.\d+)?/.exec(stdout) ?? [];
    if (gte(coerce(version) ?? '0.0.0', coerce(least) ?? '0.0.0')) return [];
    return [
      new UserError(
        `${command} is ${version || 'of a version that it does not tell'}: install ${least} or newer (${from})`,
      ),
    ];
  } catch {
    return [new UserError(`${command} is not on the PATH: install it (${least} or newer: ${from})`)];
  }
}

/** Each part says itself how old Go may be; the first that is not content speaks for all. */
async function compiler(missing: readonly ToolName[]): Promise<UserError[]> {
  const first = new Map(missing.map(name => [describe(name).part, name]));
  for (const [part, name] of first) {
    const error = await demandGo(part, `compile ${name}, once`).catch((reason: Error) => reason);
    if (error) return [new UserError(error.message)];
  }
  return [];
}

/** Root's PostgreSQL runs as an unprivileged user, who must get to its folder. */
async function enterable(folder: string): Promise<UserError[]> {
  if (process.getuid?.() !== 0) return [];
  for (let each = resolve(folder); each !== dirname(each); each = dirname(each)) {
    const { mode } = await stat(each).catch(() => ({ mode: 0o777 })); // that it is not there is told elsewhere
    if ((mode & 0o001) === 0) {
      return [
        new UserError(
          `${each} lets nobody but its owner through, and root's PostgreSQL runs as another user: set TMPDIR to an open folder, /tmp say`,
        ),
      ];
    }
  }
  return [];
}

async function space(folder: string, needed: number, advice: string): Promise<UserError[]> {
  try {
    await mkdir(folder, { recursive: true });
    const { bavail, bsize } = await statfs(folder);
    if (bavail * bsize >= needed) return [];
    const free = (bavail * bsize) / GiB;
    return [
      new UserError(
        `${folder} has ${free.toFixed(1)} GiB free and ${needed / GiB} GiB are needed: make room there. ${advice}`,
      ),
    ];
  } catch (error) {
    return [
      new UserError(
        `${folder} cannot be written (${(error as NodeJS.ErrnoException).code}): make room or give access. ${advice}`,
      ),
    ];
  }
}

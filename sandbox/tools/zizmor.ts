import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { guard } from '../guard.ts';
import { cacheFolder } from './cache.ts';
import { ToolError } from './errors.ts';
import { moduleFolder } from './parts.ts';

/**
 * The path of zizmor (https://docs.zizmor.sh), which is written in Rust and comes as a wheel: pip takes the one for this
 * machine if it has one of the pinned checksums, and runs nothing of it. Two at once install the same, and the later stays.
 * @throws ToolError
 */
export async function zizmor(): Promise<string> {
  const requirements = join(moduleFolder('zizmor'), 'requirements.txt');
  const key = createHash('sha256')
    .update(readFileSync(requirements))
    .update(`${process.platform}/${process.arch}`)
    .digest('hex')
    .slice(0, 12);
  const path = join(cacheFolder(), 'tools', `zizmor-${key}`, 'zizmor');
  if (existsSync(path)) return path;

  mkdirSync(dirname(path), { recursive: true });
  const scratch = mkdtempSync(join(dirname(path), '.installing-'));
  const post = guard(scratch);
  try {
    const target = join(scratch, 'python');
    const wheelsOnly = ['--only-binary', ':all:', '--no-deps', '--require-hashes'];
    await promisify(execFile)(
      'python3',
      ['-m', 'pip', 'install', '--quiet', ...wheelsOnly, '--target', target, '--requirement', requirements],
      { env: { ...process.env, PIP_DISABLE_PIP_VERSION_CHECK: '1', PIP_NO_INPUT: '1' } },
    );
    renameSync(join(target, 'bin', 'zizmor'), path);
    return path;
  } catch (error) {
    const { code, stderr = '' } = error as NodeJS.ErrnoException & { stderr?: string };
    const isMissing = code === 'ENOENT' || /No module named pip/.test(stderr);
    const last = stderr.trim().split('\n').at(-1) ?? String(error);
    throw new ToolError(
      isMissing
        ? 'zizmor is installed by pip, which is not on this machine: install Python 3 with pip (Debian: apt-get install python3-pip) and run this again.'
        : `zizmor could not be installed (pip says: ${last || error}); connect once and run this again: from then on it works offline.`,
    );
  } finally {
    await post.close();
  }
}

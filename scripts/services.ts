import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { elapsed } from '../lib/runner/text.ts';

/*
 * The shop's services have dependencies of their own, as repositories of their own would. `npm ci` runs once for each lock
 * file: what it was run for is written into what it made, so that half an installation never counts.
 */

export interface Service {
  name: string;
  folder: string;
}

const root = dirname(import.meta.dirname);
const stamp = 'node_modules/.installed-for';

export const services: Service[] = globSync('services/*/package-lock.json', { cwd: root })
  .sort()
  .map(file => ({ name: basename(dirname(file)), folder: join(root, dirname(file)) }));

/**
 * Installs what the services need and do not have yet, one after the other.
 * @throws {Error} one sentence, when npm fails
 */
export async function installServices(say: (line: string) => void): Promise<void> {
  for (const { name, folder } of services) {
    const wanted = key(folder);
    if (existsSync(join(folder, stamp)) && readFileSync(join(folder, stamp), 'utf8') === wanted) continue;
    const started = Date.now();
    say(`installing what services/${name} needs`);
    const { code, output } = await npm(folder, ['ci']);
    if (code !== 0)
      throw new Error(`npm ci in services/${name} failed (${reason(output)}): mend that and run this again.`);
    writeFileSync(join(folder, stamp), wanted);
    say(`services/${name} has what it needs (${elapsed(Date.now() - started)})`);
  }
}

/**
 * Builds the UI's pages, unless what was built last is of the same sources.
 * @throws {Error} one sentence, when it fails
 */
export async function buildUi(say: (line: string) => void): Promise<void> {
  const folder = join(root, 'services/ui');
  const built = join(folder, 'node_modules/.built-from');
  const wanted = sourcesOf(folder);
  const isThere = existsSync(join(folder, 'dist/index.html')) && existsSync(built);
  if (isThere && readFileSync(built, 'utf8') === wanted) return;
  say("building the UI's pages");
  const { code, output } = await npm(folder, ['run', 'build'], { NODE_ENV: 'production' });
  if (code !== 0)
    throw new Error(`npm run build in services/ui failed (${reason(output)}): mend that and run this again.`);
  writeFileSync(built, wanted);
}

function sourcesOf(folder: string): string {
  const hash = createHash('sha256').update('production\0');
  const files = globSync('{package-lock.json,index.html,vite.config.ts,{client,pictures,public}/**/*.*}', {
    cwd: folder,
  });
  for (const file of files.sort()) hash.update(`${file}\0`).update(readFileSync(join(folder, file)));
  return hash.digest('hex');
}

/** npm says what is wrong first, and how it is used at length after it. */
const reason = (output: string): string =>
  output
    .split('\n')
    .filter(line => line.startsWith('npm error'))
    .map(line => line.slice('npm error'.length).trim())
    .filter(Boolean)
    .slice(0, 3)
    .join(' ') || output.trim().slice(-300);

/** Changes with the lock file, and with what binaries are chosen by. */
const key = (folder: string): string =>
  createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .update(`${process.version} ${process.platform} ${process.arch}`)
    .digest('hex');

function npm(
  folder: string,
  args: string[],
  more: NodeJS.ProcessEnv = {},
): Promise<{ code: number; output: string }> {
  // npm tells its scripts which project they belong to; a second npm would take that for its own.
  const { npm_config_local_prefix: _, ...env } = process.env;
  return new Promise((resolve, reject) => {
    const child = spawn('npm', args, {
      cwd: folder,
      env: { ...env, ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', chunk => (output += chunk));
    child.stderr.on('data', chunk => (output += chunk));
    child.once('error', reject);
    child.once('close', code => resolve({ code: code ?? 1, output }));
  });
}

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { guard } from './guard.ts';
import { arrival, isInside } from './internet.ts';
import { cacheFolder } from './tools/cache.ts';

const services = join(import.meta.dirname, '../services');

/** What a service's Dockerfile copies into its image, besides what npm installs. */
const parts = ['package.json', 'package-lock.json', 'migrations', 'src'];
/** What only its first stage needs, to make `dist` of. */
const buildParts = ['index.html', 'vite.config.ts', 'tsconfig.json', 'client', 'pictures', 'public'];

/**
 * A service as it lies in its image: its sources, what is built of them, and the packages that it needs to run. The first
 * call for a state of a service asks npm, and keeps the result in the cache.
 */
export async function serviceFolder(name: string): Promise<string> {
  const source = join(services, name);
  const folder = join(cacheFolder(), 'services', `${name}-${fingerprint(source)}`);
  if (isInside()) await arrival(() => existsSync(folder));
  if (existsSync(folder)) return folder;
  mkdirSync(join(cacheFolder(), 'services'), { recursive: true });
  const scratch = mkdtempSync(join(cacheFolder(), 'services', '.making-'));
  const post = guard(scratch);
  try {
    const made = join(scratch, 'app');
    const tmp = join(scratch, 'tmp');
    mkdirSync(tmp);
    for (const part of [...parts, ...buildParts].filter(each => existsSync(join(source, each))))
      cpSync(join(source, part), join(made, part), {
        recursive: true,
        filter: path => !/\.test\.ts$|\/testing$/.test(path),
      });
    const npm = (...args: string[]) =>
      promisify(execFile)('npm', args, { cwd: made, env: { ...npmEnvironment(), TMPDIR: tmp } });
    if (existsSync(join(made, 'index.html'))) {
      await npm('ci', '--no-audit', '--no-fund');
      await npm('run', 'build');
      await npm('prune', '--omit=dev', '--no-audit', '--no-fund');
      for (const part of buildParts) rmSync(join(made, part), { recursive: true, force: true });
    } else await npm('ci', '--omit=dev', '--no-audit', '--no-fund');
    if (!existsSync(folder)) renameSync(made, folder); // another process may have been quicker
    return folder;
  } finally {
    await post.close();
  }
}

/** How npm reaches its registry, and nothing else: packages run scripts of their own, and no credential of a cloud is theirs. */
const npmEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) =>
      /^(PATH|HOME|LANG|SSL_CERT_FILE|SSL_CERT_DIR|NODE_EXTRA_CA_CERTS|(https?|no)_proxy|npm_config_(registry|userconfig|globalconfig|cache|cafile))$/i.test(
        name,
      ),
    ),
  );

function fingerprint(source: string): string {
  const files = [...parts, ...buildParts].flatMap(part => filesBelow(join(source, part))).sort();
  const hash = createHash('sha256');
  for (const file of files)
    hash
      .update(`${relative(source, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  return hash.digest('hex').slice(0, 12);
}

function filesBelow(path: string): string[] {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter(each => each.isFile())
    .map(each => join(each.parentPath, each.name));
}

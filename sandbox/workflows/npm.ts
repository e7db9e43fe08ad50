import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { key } from './bundles.ts';

/*
 * The npm of a job: node npm.ts BUNDLES NPM ARGUMENTS…
 *
 * Nothing here leads to a registry, and a runner's half minute for dependencies would be one for each job. A checkout with
 * this checkout's lock gets this checkout's dependencies, and one with sources that were bundled before gets those bundles.
 * Everything else is npm's.
 */

const root = dirname(dirname(import.meta.dirname));
const [bundles = '', npm = '', ...args] = process.argv.slice(2);
const command = args.join(' ');

if (command === 'ci' && isSame('package-lock.json') && !existsSync('node_modules')) {
  symlinkSync(join(root, 'node_modules'), 'node_modules');
  console.log(`dependencies of ${root}, whose lock is the same`);
} else if (command === 'run build' && isSame('scripts/build.ts') && !existsSync('dist')) {
  const built = join(bundles, key(process.cwd()));
  if (existsSync(built)) symlinkSync(built, 'dist');
  console.log(
    existsSync(built) ? 'dist of the same sources, bundled before' : 'dist of other sources: npm run build',
  );
  if (!existsSync(built)) run();
} else {
  run();
}

function run(): never {
  const { status } = spawnSync(npm, args, { stdio: 'inherit' });
  process.exit(status ?? 1);
}

function isSame(file: string): boolean {
  return existsSync(file) && readFileSync(file).equals(readFileSync(join(root, file)));
}

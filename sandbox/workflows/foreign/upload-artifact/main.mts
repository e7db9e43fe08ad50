import { cpSync, existsSync, globSync, mkdirSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';

/* Stands alone: act copies this folder to where it runs it. */

const { env } = process;
const { INPUT_NAME: name = '', INPUT_PATH: paths = '', SANDBOX_ARTIFACTS: artifacts = '' } = env;
const workspace = env.GITHUB_WORKSPACE ?? '';
const fail = (sentence: string): never => {
  console.log(`::error::${sentence}`);
  process.exit(1);
};

const patterns = paths
  .split('\n')
  .map(line => line.trim())
  .filter(Boolean);
const wanted = patterns.filter(pattern => !pattern.startsWith('!'));
const left = patterns.filter(pattern => pattern.startsWith('!')).map(pattern => pattern.slice(1));
const found = globSync(
  wanted.map(pattern => resolve(workspace, pattern)),
  {
    exclude: path => left.some(pattern => resolve(workspace, pattern) === resolve(path)),
  },
);
if (found.length === 0) {
  const sentence = `No files were found with the provided path: ${patterns.join(', ')}`;
  if (env['INPUT_IF-NO-FILES-FOUND'] === 'error') fail(sentence);
  console.log(`::warning::${sentence}`);
  process.exit(0);
}
const folder = join(artifacts, name);
if (existsSync(folder))
  fail(`Failed to CreateArtifact: an artifact with the name ${name} already exists in this run`);
mkdirSync(folder, { recursive: true });
// Paths within the artifact begin below what all its files share: of one file its name is left.
const files = found.filter(path => !found.some(other => other !== path && path.startsWith(`${other}/`)));
const [only] = files;
for (const path of files) {
  const inside =
    files.length > 1 ? relative(common(files), path) : statSync(path).isFile() ? basename(path) : '';
  cpSync(path, join(folder, inside), { recursive: true });
}
console.log(
  `Artifact ${name} has been uploaded: ${only && files.length === 1 ? basename(only) : `${files.length} files`}`,
);

function common(all: string[]): string {
  let shared = dirname(all[0] ?? '');
  while (!all.every(path => path.startsWith(`${shared}/`))) shared = dirname(shared);
  return shared;
}

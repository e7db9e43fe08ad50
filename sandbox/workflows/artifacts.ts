import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Artifact } from '../github/workflow-runs.ts';
import { now } from '../github/world.ts';

/** What jobs of a run have uploaded so far; what was known keeps its id. */
export async function artifactsIn(
  folder: string,
  before: Artifact[],
  nextId: () => number,
): Promise<Artifact[]> {
  if (!existsSync(folder)) return before;
  const names = await readdir(folder);
  return Promise.all(
    names.map(async name => {
      const known = before.find(each => each.name === name);
      if (known) return known;
      const path = join(folder, name);
      const files = await readdir(path, { recursive: true });
      const sizes = await Promise.all(files.map(async file => (await stat(join(path, file))).size));
      const bytes = sizes.reduce((sum, size) => sum + size, 0);
      return { id: nextId(), name, folder: path, bytes, createdAt: now() };
    }),
  );
}

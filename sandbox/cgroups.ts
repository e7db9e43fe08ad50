import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const root = '/sys/fs/cgroup';

/** The one of cgroup v2; on v1 each controller has its own, and often there is a v2 without controllers beside them. */
export function hierarchies(): string[] {
  if (!existsSync(root)) return [];
  if (existsSync(join(root, 'cgroup.controllers'))) return [root];
  return readdirSync(root, { withFileTypes: true })
    .filter(entry => entry.isDirectory()) // `cpu` may be a link to `cpu,cpuacct`
    .map(({ name }) => join(root, name));
}

/** Makes a cgroup, relative to the root, in every hierarchy, with every controller that its parent has. */
export function makeCgroup(path: string): void {
  const steps = path.split('/').map((_, index, names) => names.slice(0, index + 1).join('/'));
  for (const hierarchy of hierarchies()) for (const step of steps) makeIn(join(hierarchy, step));
}

function makeIn(folder: string): void {
  const parent = dirname(folder);
  const controllers = join(parent, 'cgroup.controllers');
  if (existsSync(controllers)) {
    // v2: children have the controllers that their parent hands down.
    const all = readFileSync(controllers, 'utf8').split(/\s+/).filter(Boolean);
    if (all.length > 0)
      writeFileSync(join(parent, 'cgroup.subtree_control'), all.map(name => `+${name}`).join(' '));
  }
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, 'cpuset.sched_load_balance'))) return;
  // v1: a new cpuset has no processors, and nothing can run in it.
  for (const file of ['cpuset.cpus', 'cpuset.mems'])
    writeFileSync(join(folder, file), readFileSync(join(parent, file)));
}

/**
 * Removes a cgroup with all below it. What was killed may take a moment to leave.
 * @throws Error when something still runs in it after five seconds
 */
export async function removeCgroup(path: string): Promise<void> {
  for (const hierarchy of hierarchies()) {
    for (const deadline = Date.now() + 5000; ; await sleep(20)) {
      try {
        removeTree(join(hierarchy, path));
        break;
      } catch (error) {
        if (Date.now() > deadline) throw error;
      }
    }
  }
}

function removeTree(folder: string): void {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) removeTree(join(folder, entry.name));
  rmdirSync(folder);
}

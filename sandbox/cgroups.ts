import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
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

/** What the kubelet asks of a cgroup; huge pages only where the kernel has them.
 * https://github.com/kubernetes/kubernetes/blob/v1.34.2/pkg/kubelet/cm/cgroup_v2_manager_linux.go */
const needed = ['cpu', 'cpuset', 'memory', 'pids'];
const wanted = [...needed, 'hugetlb'];

/** The controllers that a kubelet needs and no hierarchy has. */
export function lackingControllers(folders = hierarchies()): string[] {
  const present = folders.flatMap(folder => controllers(folder) ?? basename(folder).split(','));
  return needed.filter(name => !present.includes(name));
}

/** Of v2; undefined where this is v1. */
function controllers(folder: string): string[] | undefined {
  const file = join(folder, 'cgroup.controllers');
  return existsSync(file) ? readFileSync(file, 'utf8').split(/\s+/).filter(Boolean) : undefined;
}

/** Makes a cgroup, relative to the root, in every hierarchy, with the controllers that a kubelet asks for. */
export function makeCgroup(path: string): void {
  const steps = path.split('/').map((_, index, names) => names.slice(0, index + 1).join('/'));
  for (const hierarchy of hierarchies()) for (const step of steps) makeIn(join(hierarchy, step));
}

export function makeIn(folder: string, write: Write = writeFileSync): void {
  const parent = dirname(folder);
  handDown(parent, write);
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, 'cpuset.sched_load_balance'))) return;
  // v1: a new cpuset has no processors, and nothing can run in it.
  for (const file of ['cpuset.cpus', 'cpuset.mems'])
    write(join(folder, file), readFileSync(join(parent, file), 'utf8'));
}

type Write = (file: string, text: string) => void;

/** v2: children have the controllers that their parent hands down. */
function handDown(parent: string, write: Write): void {
  const names = controllers(parent)?.filter(name => wanted.includes(name)) ?? [];
  if (names.length === 0) return;
  for (let tries = 5; ; tries--) {
    try {
      write(join(parent, 'cgroup.subtree_control'), names.map(name => `+${name}`).join(' '));
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY' || tries === 0) throw error;
      clear(parent, write);
    }
  }
}

/**
 * What hands controllers down may hold no processes, but for the machine's own root; a container's, which it sees as `/`, is
 * none. Its processes go into a leaf and stay there, as in kind: https://docs.kernel.org/admin-guide/cgroup-v2.html
 */
function clear(cgroup: string, write: Write): void {
  const leaf = join(cgroup, 'init');
  mkdirSync(leaf, { recursive: true });
  for (const pid of readFileSync(join(cgroup, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean)) {
    try {
      write(join(leaf, 'cgroup.procs'), pid);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it has ended
    }
  }
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

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface Process {
  pid: number;
  parent: number;
  /** Of its program; Linux keeps fifteen characters. */
  name: string;
  /** Entries `NAME=value`, each between two separators. */
  environment: string;
  separator: '\0' | ' ';
}

/**
 * The pids of a run: of the processes whose TMPDIR is the run's, or lies in it as that of a run within the run does, and
 * of all that descends from them. PostgreSQL, for one, writes its title where the environment of its children was.
 */
export function processesOf(folder: string, processes: Process[]): number[] {
  const marked = processes.filter(one => isMarked(one, folder)).map(({ pid }) => pid);
  return withDescendants(marked, processes);
}

export function withDescendants(pids: number[], processes: Process[]): number[] {
  const found = new Set(pids);
  for (let before = 0; before < found.size; ) {
    before = found.size;
    for (const { pid, parent } of processes) if (found.has(parent)) found.add(pid);
  }
  return [...found];
}

function isMarked({ environment, separator }: Process, folder: string): boolean {
  const entry = `${separator}TMPDIR=${folder}/tmp`;
  return environment.includes(entry + separator) || environment.includes(`${entry}/`);
}

export const allProcesses = () => (process.platform === 'linux' ? fromProc() : fromPs());

function fromProc(): Process[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(pid => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const [, name = '', parent] = /^\d+ \((.*)\) \S (\d+) /s.exec(stat) ?? [];
        const environment = `\0${readFileSync(`/proc/${pid}/environ`, 'utf8')}`;
        return [{ pid: Number(pid), parent: Number(parent), name, environment, separator: '\0' } as const];
      } catch {
        return []; // gone meanwhile, or another user's
      }
    });
}

/** The way of BSD and macOS: `e` prints the environment behind the command line. */
function fromPs(): Process[] {
  const lines = execFileSync('ps', ['axeww', '-o', 'pid=,ppid=,command='], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  return lines.split('\n').flatMap(line => {
    const [, pid, parent, rest] = /^\s*(\d+)\s+(\d+) (.*)$/.exec(line) ?? [];
    if (rest === undefined) return [];
    const name = /^[^ ]*?([^ /]*)(?= |$)/.exec(rest)?.[1] ?? '';
    return [
      { pid: Number(pid), parent: Number(parent), name, environment: ` ${rest} `, separator: ' ' } as const,
    ];
  });
}

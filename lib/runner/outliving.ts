import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { follow } from './lines.ts';
import { signalGroup, startedAt } from './process.ts';
import type { Outlived, RunOptions } from './runner.ts';

/*
 * A child that must not be broken off, and goes on when the process that started it is killed: GitHub's runner leaves a
 * cancelled step ten seconds. A Go program dies of the first write to a pipe that nobody reads (SIGPIPE), so such a child
 * writes to files, which are followed; what is needed to find it again is kept before it can have changed anything.
 */

/** What is kept of a running child. */
export interface Outliving {
  /** `terraform apply` */
  what: string;
  pid: number;
  /** Tells the process from a later one with the same pid. */
  started: string;
  /** Where its output is. */
  folder: string;
  /** Whether it was asked to stop: a second signal would be an order to stop at once. */
  interrupted: boolean;
}

const files = (folder: string) => ({ stdout: join(folder, 'stdout'), stderr: join(folder, 'stderr') });

/** Files for the output of a child, opened for it; `close` when it has them. */
export function outputFiles(folder: string): { stdio: [number, number]; close: () => void } {
  const stdio = Object.values(files(folder)).map(file => openSync(file, 'ax', 0o600)) as [number, number];
  return { stdio, close: () => stdio.forEach(closeSync) };
}

/** Follows both files; the end of it returns what stands in them. */
export function followOutput(
  folder: string,
  onLine: RunOptions['onLine'],
): () => { stdout: string; stderr: string } {
  const { stdout, stderr } = files(folder);
  const ends = [
    follow(stdout, line => onLine?.(line, 'stdout')),
    follow(stderr, line => onLine?.(line, 'stderr')),
  ];
  return () => {
    const [out = '', err = ''] = ends.map(end => end());
    return { stdout: out, stderr: err };
  };
}

/** Waits for the child that a killed process has left behind, for so many seconds at most. */
export async function finish(
  child: Outliving,
  { onLine, seconds }: { onLine?: RunOptions['onLine']; seconds: number },
  say: (line: string) => void,
): Promise<Outlived> {
  const { what, pid, started, folder, interrupted } = child;
  const runs = () => startedAt(pid) === started;
  const ran = runs();
  const end = followOutput(folder, onLine);
  if (ran && !interrupted) signalGroup(pid, 'SIGINT');
  for (const deadline = Date.now() + seconds * 1000; runs() && Date.now() < deadline; ) {
    say(`${what} goes on, and is waited for`);
    await sleep(200);
  }
  const ended = !runs();
  if (ended && ran) signalGroup(pid, 'SIGKILL'); // what it has started
  return { what, ended, ...end() };
}

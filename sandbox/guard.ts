import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { sweep } from './sweep.ts';

export interface Guard {
  /** Ends the run: resolves when its processes and its folder are gone. */
  close(): Promise<void>;
}

/**
 * Posts a small process beside this one that waits for the end of a pipe. The pipe ends when it is closed here or when
 * this process dies, by whatever signal; then the guard kills all that runs in the folder's name and removes the folder.
 * So a run that is asked to end and one that is killed end the same way.
 */
export function guard(folder: string): Guard {
  let closing: Promise<void> | undefined;
  let current = post();

  function post() {
    const child = spawn(
      process.execPath,
      [fileURLToPath(new URL('guard-process.ts', import.meta.url)), folder],
      {
        cwd: '/',
        env: { PATH: process.env.PATH }, // no TMPDIR, or it would sweep itself away
        detached: true, // a session of its own: the terminal's ^C does not reach it
        stdio: ['pipe', 'ignore', 'ignore'],
      },
    );
    child.unref();
    (child.stdin as Socket).unref();
    child.stdin.on('error', () => {}); // it was killed; the exit below tells
    const swept = new Promise<boolean>(resolve => {
      child.once('error', () => resolve(false));
      child.once('exit', (code, signal) => {
        resolve(code === 0);
        if (signal && !closing) current = post(); // somebody killed the guard: post another
      });
    });
    return { child, swept };
  }

  async function close(): Promise<void> {
    const { child, swept } = current;
    child.ref();
    child.stdin.end();
    if (!(await swept)) await sweep(folder);
  }

  return { close: () => (closing ??= close()) };
}

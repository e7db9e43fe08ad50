import { execFile } from 'node:child_process';
import type { Environment } from '../run.ts';

export interface Commands {
  /**
   * Runs a command to its end and returns its standard output. One at a time: they are short, and the machine is small.
   * @throws Error with what the command printed on standard error
   */
  run(command: string, args: string[], cwd?: string): Promise<string>;
}

export function commands(env: Environment, signal: AbortSignal): Commands {
  let last: Promise<unknown> = Promise.resolve();
  const run = (command: string, args: string[], cwd?: string) =>
    new Promise<string>((resolve, reject) => {
      const options = { env, cwd, signal, timeout: 90_000, maxBuffer: 256 * 1024 * 1024 };
      execFile(command, args, options, (error, stdout, stderr) => {
        if (error) reject(new Error(stderr.trim() || error.message));
        else resolve(stdout);
      });
    });
  return {
    run(command, args, cwd) {
      const result = last.then(() => run(command, args, cwd));
      last = result.catch(() => {});
      return result;
    },
  };
}

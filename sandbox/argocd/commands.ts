import { execFile } from 'node:child_process';
import type { Environment } from '../run.ts';

export interface Commands {
  /**
   * Runs a command to its end and returns its standard output.
   * @throws Error with what the command printed on standard error
   */
  run(command: string, args: string[], cwd?: string): Promise<string>;
}

/** The machine is small, yet one repository that does not answer shall not hold up the others. */
const atOnce = 3;

export function commands(env: Environment): Commands {
  let running = 0;
  const waiting: (() => void)[] = [];

  const execute = (command: string, args: string[], cwd?: string) =>
    new Promise<string>((resolve, reject) => {
      const options = { env, cwd, timeout: 90_000, maxBuffer: 256 * 1024 * 1024 };
      execFile(command, args, options, (error, stdout, stderr) => {
        if (error) reject(new Error(stderr.trim() || error.message));
        else resolve(stdout);
      });
    });

  return {
    async run(command, args, cwd) {
      if (running >= atOnce) await new Promise<void>(go => waiting.push(go));
      running++;
      try {
        return await execute(command, args, cwd);
      } finally {
        running--;
        waiting.shift()?.();
      }
    },
  };
}

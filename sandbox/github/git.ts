import { spawn } from 'node:child_process';

export type Environment = Record<string, string>;

export interface GitOptions {
  env?: Environment;
  input?: string | Buffer;
  /** Exit codes that are an answer and not a failure; `[0]` unless told. */
  expect?: number[];
}

export interface GitResult {
  code: number;
  stdout: Buffer;
}

export type Git = (folder: string, args: string[], options?: GitOptions) => Promise<GitResult>;

/** What every git process sees: nothing of the machine's or the user's own configuration. */
export const isolated: Environment = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  LC_ALL: 'C',
};

/** Runs git's plumbing on bare repositories. `environment` is that of the sandbox's run, so that its end is git's end. */
export const createGit =
  (environment: Environment): Git =>
  (folder, args, { env, input, expect = [0] } = {}) =>
    new Promise((resolve, reject) => {
      const child = spawn('git', ['--git-dir', folder, ...args], {
        env: { ...environment, ...isolated, ...env },
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      const stdout: Buffer[] = [];
      let stderr = '';
      child.stdout.on('data', chunk => stdout.push(chunk));
      child.stderr.on('data', chunk => {
        stderr += chunk;
      });
      child.once('error', (cause: NodeJS.ErrnoException) =>
        reject(
          cause.code === 'ENOENT'
            ? new Error('git was not found: install it and see that it is on the PATH')
            : cause,
        ),
      );
      child.once('close', code => {
        if (code !== null && expect.includes(code)) resolve({ code, stdout: Buffer.concat(stdout) });
        else reject(new Error(`git ${args.join(' ')} ended with ${code}: ${stderr.trim()}`));
      });
      child.stdin.on('error', () => {}); // EPIPE: git ended without reading, its exit code tells why
      child.stdin.end(input);
    });

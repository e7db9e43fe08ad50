import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { UserError } from '../../lib/runner/errors.ts';
import { runAction, type StepResult } from '../../sandbox/runner.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { bundles } from '../../sandbox/workflows/bundles.ts';

export interface Job {
  action: string;
  inputs: Record<string, string>;
  /** The branch that is checked out; main unless told. */
  ref?: string;
  /** The pull request that the job runs for. */
  pullRequest?: number;
  /** Tells what the job says while it runs. */
  say?: (line: string) => void;
}

export type Jobs = (job: Job) => Promise<StepResult>;

/**
 * A job as GitHub runs it: a fresh checkout over git, then one step from its bundle, started as the runner starts it, with
 * the secrets that its workflow hands over.
 * @throws UserError with the end of the log when the step fails: then the demo cannot go on
 */
export function jobs(sandbox: Sandbox, repository: string): Jobs {
  const built = bundles(sandbox.run);
  built.catch(() => {}); // the first job tells
  const reviewKey = randomBytes(32).toString('base64');
  return async ({ action, inputs, ref = 'main', pullRequest, say }) => {
    const folder = await built;
    const env = { ...(await sandbox.environment()), ...sandbox.secrets, REVIEW_KEY: reviewKey };
    const cwd = await mkdtemp(join(sandbox.run.folder, 'checkout-'));
    try {
      const clone = [
        'clone',
        '--quiet',
        '--depth=1',
        `--branch=${ref}`,
        `https://github.com/${repository}`,
        cwd,
      ];
      await promisify(execFile)('git', clone, { env });
      const head = await promisify(execFile)('git', ['rev-parse', 'HEAD'], { cwd, env });
      const result = await runAction({
        action,
        inputs,
        bundles: folder,
        cwd,
        env,
        github: {
          repository,
          sha: head.stdout.trim(),
          event: pullRequest === undefined ? 'push' : 'pull_request',
          payload: pullRequest === undefined ? {} : { pull_request: { number: pullRequest } },
        },
        onLine: line => {
          if (!line.startsWith('::')) say?.(line);
        },
      });
      if (result.code !== 0) {
        throw new UserError(
          `${action} ${inputs.environment ?? ''} failed; its log ends with:\n${lastLines(result.log)}`,
        );
      }
      return result;
    } finally {
      await rm(cwd, { recursive: true, force: true });
    }
  };
}

const lastLines = (log: string): string => log.trimEnd().split('\n').slice(-15).join('\n');

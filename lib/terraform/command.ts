import { relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Target } from '../platform/platform.ts';
import { UserError, UserErrors } from '../runner/errors.ts';
import { type Finished, Interrupted, type Runner, type RunOptions } from '../runner/runner.ts';
import { asErrors, type Finding } from './diagnostics.ts';
import { listener } from './listener.ts';
import type { Credentials } from './signature.ts';
import { backendEnvironment } from './state.ts';

export interface Options {
  target: Target;
  /** The platform.yaml that Terraform is to read. */
  platformFile: string;
  /** The folder with the root module. */
  directory: string;
  credentials: Credentials;
}

/** `outlives` for what writes the state: it goes on when we are killed. */
type More = Pick<RunOptions, 'outlives' | 'expect'>;

/** Ways to run Terraform in the root module. Each throws UserErrors with what Terraform said, at file and line. */
export interface Command {
  /** One that prints events, which are told as they come. Returns the warnings. */
  stream(args: string[], more?: More): Promise<Finding[]>;
  text(args: string[], more?: More): Promise<string>;
  json(args: string[]): Promise<string>;
}

/** A write that was on its way when Terraform was killed may still arrive: the lock stays for so many milliseconds. */
export const settling = 5_000;

/** @param data where Terraform keeps its own: providers, what it knows of the backend */
export function command(
  runner: Runner,
  { target, platformFile, directory, credentials }: Options,
  data: string,
): Command {
  const env = {
    ...backendEnvironment(credentials),
    EXOSCALE_API_KEY: credentials.key,
    EXOSCALE_API_SECRET: credentials.secret,
    TF_DATA_DIR: data,
    TF_IN_AUTOMATION: '1',
    TF_CLI_ARGS: '-no-color',
    CHECKPOINT_DISABLE: '1',
    // Not as -var: a root module that does not declare them may still be used.
    TF_VAR_environment: target.environment,
    TF_VAR_platform_file: relative(resolve(directory), resolve(platformFile)),
  };
  async function run(args: string[], more: RunOptions): Promise<Finished & { stopped?: Interrupted }> {
    const options = { cwd: directory, env, ...more, expect: [0, ...failures] };
    const finished = await runner.run('terraform', args, options).catch(error => {
      // What writes the state has done what it says it has done, also when somebody has asked it to stop.
      if (more.outlives && error instanceof Interrupted) return { ...error.finished, stopped: error };
      throw error;
    });
    if (more.outlives && finished.code > 1) await sleep(settling);
    return finished;
  }

  async function text(args: string[], { expect = [0], ...more }: More = {}): Promise<string> {
    const { code, stdout, stderr, stopped } = await run(args, more);
    if (!expect.includes(code)) throw stopped ?? failed(args, code, stderr);
    return stdout;
  }

  return {
    async stream([name = '', ...rest], more = {}) {
      const { errors, warnings, onLine } = listener(runner, directory);
      const args = [name, '-json', '-input=false', ...rest];
      const { code, stderr, stopped } = await run(args, { onLine, ...more });
      if (errors.length === 0 && code === 0) return warnings;
      const failure = errors.length > 0 ? asErrors(errors) : failed(args, code, stderr);
      if (!stopped) throw failure;
      throw new UserErrors([...(failure instanceof UserErrors ? failure.errors : [failure]), stopped]);
    },
    text,
    async json(args) {
      const printed = await text(args);
      if (printed.trimStart().startsWith('{')) return printed;
      throw new UserError(
        `terraform ${args[0]} printed something else than JSON: if hashicorp/setup-terraform installs it, set "terraform_wrapper: false" there`,
      );
    },
  };
}

/** An error, a crash (Go's panic), and the two signals that somebody else may have sent. */
const failures = [1, 2, 11, 130, 137];

function failed([name]: string[], code: number, stderr: string): UserError {
  if (code === 137) {
    return new UserError(
      `terraform ${name} was killed (SIGKILL), mostly for want of memory: what it was doing at that moment may have happened without standing in the state`,
    );
  }
  return new UserError(
    `terraform ${name} ended with exit code ${code}: ${stderr.trim() || 'it did not say why'}`,
  );
}

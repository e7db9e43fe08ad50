import { access, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import type { Target } from '../platform/platform.ts';
import { UserError } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import { asErrors, type Diagnostic, type Finding, finding, isNews } from './diagnostics.ts';
import { isProgress, isTold, parseEvent } from './events.ts';
import { type Plan, readPlan, type StateModule, type StateValues } from './model.ts';
import { sensitiveValues } from './secrets.ts';
import type { Credentials } from './signature.ts';
import { backendConfig, backendEnvironment, stateLocation } from './state.ts';

export interface Options {
  target: Target;
  /** The platform.yaml that Terraform is to read. */
  platformFile: string;
  /** The folder with the root module. */
  directory: string;
  credentials: Credentials;
}

export interface SavedPlan {
  /** In a folder that ends with this run: it holds secrets in clear. */
  file: string;
  plan: Plan;
  /** Every sensitive value in it; they are masked already. */
  secrets: Set<string>;
  warnings: Finding[];
}

export interface PlanOptions {
  destroy?: boolean;
  variables?: Record<string, string>;
  /** Off for those who only look: to lock is to write, which a read-only key may not. */
  lock?: boolean;
  /** How long to wait for a lock that somebody holds; a minute unless told. */
  lockSeconds?: number;
}

/** Terraform's command line for one environment. Each throws UserErrors with what Terraform said, at file and line. */
export interface Terraform {
  init(): Promise<void>;
  validate(): Promise<void>;
  plan(options?: PlanOptions): Promise<SavedPlan>;
  /** Applies exactly this plan. */
  apply(plan: SavedPlan): Promise<void>;
  outputs(): Promise<Record<string, unknown>>;
  /** The addresses of what the state holds; none where there is no state yet. */
  resources(): Promise<string[]>;
  /** Takes resources out of the state and leaves them as they are. */
  forget(addresses: readonly string[]): Promise<void>;
}

export async function terraform(
  runner: Runner,
  { target, platformFile, directory, credentials }: Options,
): Promise<Terraform> {
  const state = stateLocation(target);
  // A data folder of its own: the checkout stays clean, and two environments can run side by side.
  const data = await runner.folder();
  let plans = 0;
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

  /** Runs a command that prints events, and tells them as they come. */
  async function stream(args: string[]): Promise<Finding[]> {
    const errors: Finding[] = [];
    const warnings: Finding[] = [];
    const [command = '', ...rest] = args;
    const { code, stderr } = await runner.run('terraform', [command, '-json', '-input=false', ...rest], {
      cwd: directory,
      env,
      expect: [0, ...failures],
      onLine(line, from) {
        const event = from === 'stdout' ? parseEvent(line) : undefined;
        if (!event) return;
        const { diagnostic, '@message': message } = event;
        if (diagnostic?.severity === 'error') errors.push(finding(diagnostic, directory));
        else if (diagnostic && isNews(diagnostic)) warnings.push(finding(diagnostic, directory));
        else if (isTold(event)) runner.info(message);
        else if (isProgress(event)) runner.progress(message);
      },
    });
    if (errors.length > 0) throw asErrors(errors);
    if (code !== 0) throw failed(command, code, stderr);
    return warnings;
  }

  async function text(args: string[]): Promise<string> {
    const { code, stdout, stderr } = await runner.run('terraform', args, {
      cwd: directory,
      env,
      expect: [0, ...failures],
    });
    if (code !== 0) throw failed(args[0], code, stderr);
    return stdout;
  }

  async function json(args: string[]): Promise<string> {
    const printed = await text(args);
    if (!printed.trimStart().startsWith('{')) {
      throw new UserError(
        `terraform ${args[0]} printed something else than JSON: if hashicorp/setup-terraform installs it, set "terraform_wrapper: false" there`,
      );
    }
    return printed;
  }

  return {
    async init() {
      const config = join(data, 'backend.tfbackend.json');
      await writeFile(config, backendConfig(state));
      const locked = await exists(join(directory, '.terraform.lock.hcl'));
      await stream(['init', `-backend-config=${config}`, ...(locked ? ['-lockfile=readonly'] : [])]);
      if (!locked) {
        runner.notice(
          `${join(directory, '.terraform.lock.hcl')} was not there, so the newest providers were taken: run "terraform providers lock" and commit it`,
        );
      }
    },

    async validate() {
      const { stdout } = await runner.run('terraform', ['validate', '-json'], {
        cwd: directory,
        env,
        expect: [0, 1],
      });
      const { diagnostics } = JSON.parse(stdout) as { diagnostics: Diagnostic[] };
      const errors = diagnostics.filter(({ severity }) => severity === 'error');
      if (errors.length > 0) throw asErrors(errors.map(each => finding(each, directory)));
    },

    async plan({ destroy = false, variables = {}, lock = true, lockSeconds = 60 } = {}) {
      const file = join(data, `plan-${++plans}`);
      const warnings = await stream([
        'plan',
        `-out=${file}`,
        `-lock=${lock}`,
        `-lock-timeout=${lockSeconds}s`,
        ...(destroy ? ['-destroy'] : []),
        ...Object.entries(variables).map(([name, value]) => `-var=${name}=${value}`),
      ]);
      const plan = readPlan(await json(['show', '-json', file]));
      const secrets = sensitiveValues(plan);
      for (const secret of secrets) runner.mask(secret);
      return { file, plan, secrets, warnings };
    },

    async apply({ file }) {
      for (const { message, at } of await stream(['apply', '-lock-timeout=60s', file]))
        runner.warning(message, at);
    },

    async outputs() {
      const outputs = JSON.parse(await json(['output', '-json'])) as Record<
        string,
        { value: unknown; sensitive: boolean }
      >;
      return Object.fromEntries(
        Object.entries(outputs).flatMap(([name, { value, sensitive }]) => (sensitive ? [] : [[name, value]])),
      );
    },

    async resources() {
      const { values } = JSON.parse(await json(['show', '-json'])) as { values?: StateValues };
      return values?.root_module ? addresses(values.root_module) : [];
    },

    async forget(addresses) {
      await text(['state', 'rm', '-lock-timeout=60s', ...addresses]);
    },
  };
}

/** An error, a crash (Go's panic), and the two signals that somebody else may have sent. */
const failures = [1, 2, 11, 130, 137];

const failed = (command: string | undefined, code: number, stderr: string): UserError =>
  new UserError(
    `terraform ${command} ended with exit code ${code}: ${stderr.trim() || 'it did not say why'}`,
  );

const addresses = ({ resources = [], child_modules = [] }: StateModule): string[] => [
  ...resources.map(({ address }) => address),
  ...child_modules.flatMap(addresses),
];

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

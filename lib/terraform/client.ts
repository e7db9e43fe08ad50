import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import { command, type Options } from './command.ts';
import { asErrors, type Diagnostic, type Finding, finding } from './diagnostics.ts';
import { isLeft, type Keeping } from './errored.ts';
import type { Operation } from './lock.ts';
import { locked } from './locked.ts';
import { type Plan, readPlan, type StateModule, type StateValues } from './model.ts';
import type { StoredState } from './recover.ts';
import { again } from './retry.ts';
import type { Binding } from './review.ts';
import { sensitiveInState, sensitiveValues } from './secrets.ts';
import { backendConfig } from './state.ts';

export interface SavedPlan {
  /** In a folder that ends with this run: it holds secrets in clear. */
  file: string;
  plan: Plan;
  /** Every sensitive value in it; they are masked already. */
  secrets: Set<string>;
  warnings: Finding[];
  /** Whether the state holds nothing, or there is none. */
  isFirst: boolean;
}

export interface PlanOptions {
  destroy?: boolean;
  variables?: Record<string, string>;
}

export interface StateResource {
  address: string;
  values: Record<string, unknown>;
}

/** What changes the state. It goes on to its end when this process is killed; `finish` waits for it then. */
export interface Writer {
  /** Applies exactly this plan. Never done twice: what failed may have happened. */
  apply(plan: SavedPlan): Promise<void>;
  /** Takes into the state what is there already. */
  adopt(address: string, id: string): Promise<void>;
  /** Takes resources out of the state and leaves them as they are. */
  forget(addresses: readonly string[]): Promise<void>;
  /** Whether another plan makes sense after an apply that failed: not when its state could not be uploaded. */
  mayPlanAgain(): Promise<boolean>;
}

/** Terraform's command line for one environment. Each throws UserErrors with what Terraform said, at file and line. */
export interface Terraform {
  init(): Promise<void>;
  validate(): Promise<void>;
  /** Reads only, and takes no lock: within `locked` nobody can change the state before the plan is applied. */
  plan(options?: PlanOptions): Promise<SavedPlan>;
  outputs(): Promise<Record<string, unknown>>;
  /** What the state holds; nothing where there is no state yet. */
  resources(): Promise<StateResource[]>;
  /** What a plan made now is bound to. @param pullRequest where it is shown: `acme/shop#7` */
  binding(pullRequest: string): Promise<Binding>;
  /**
   * Does what changes the state, while nobody else can. Waits for a lock that is held; proves first that the storage can
   * hold one; begins, when told to, with putting back a state that could not be uploaded, and is refused without.
   */
  locked<T>(
    operation: Operation,
    work: (writer: Writer) => Promise<T>,
    options?: { recover?: boolean },
  ): Promise<T>;
}

/** @param place where the state of this environment is kept */
export async function terraform(
  runner: Runner,
  options: Options,
  place: Pick<Keeping, 'state' | 'bucket'>,
): Promise<Terraform> {
  const { target, directory, credentials } = options;
  const { state } = place;
  // A data folder of its own: the checkout stays clean, and two environments can run side by side.
  const data = await runner.folder();
  const { stream, text, json } = command(runner, options, data);
  const lockFile = join(directory, '.terraform.lock.hcl');
  let locksum = 'none';
  let plans = 0;

  async function pull(): Promise<StoredState | undefined> {
    const printed = await text(['state', 'pull']);
    // Where there is none, Terraform 1.11 prints an empty one without a lineage, and others print nothing.
    const { lineage, serial } = JSON.parse(printed.trim() || '{}') as { lineage?: string; serial?: number };
    return lineage ? { lineage, serial: serial ?? 0, text: printed } : undefined;
  }

  const stateValues = async () =>
    (JSON.parse(await json(['show', '-json'])) as { values?: StateValues }).values;

  const version = async () =>
    (JSON.parse(await json(['version', '-json'])) as { terraform_version: string }).terraform_version;

  // Our lock is held around these, so that Terraform needs none of its own.
  const writer = {
    async apply({ file }: SavedPlan) {
      const warnings = await stream(['apply', '-lock=false', file], { outlives: true });
      for (const { message, at } of warnings) runner.warning(message, at);
    },
    async adopt(address: string, id: string) {
      await text(['import', '-lock=false', '-input=false', address, id], { outlives: true });
    },
    async forget(addresses: readonly string[]) {
      await text(['state', 'rm', '-lock=false', ...addresses], { outlives: true });
    },
    mayPlanAgain: async () => !(await isLeft({ directory })),
    async push(file: string) {
      await text(['state', 'push', '-lock=false', file], { outlives: true });
    },
  };

  return {
    async init() {
      const config = join(data, 'backend.tfbackend.json');
      await writeFile(config, backendConfig(state));
      // Asked before: init writes one where there is none, and that pins nothing for the next run.
      locksum = await sha256(lockFile);
      const pinned = locksum === 'none' ? [] : ['-lockfile=readonly'];
      const warnings = await again(runner, 'terraform init', () =>
        stream(['init', `-backend-config=${config}`, ...pinned]),
      );
      // Terraform goes on without: the state would stay on this machine, and go with it.
      if (warnings.some(({ message }) => message.startsWith('Missing backend configuration'))) {
        throw new UserError(
          `${directory} has no backend for its state, which platform.yaml keeps in a bucket: add terraform { backend "s3" { … } } as terraform/versions.tf of this repository has it`,
        );
      }
      if (locksum === 'none') {
        runner.notice(
          `${lockFile} was not there, so the newest providers were taken: run "terraform -chdir=${directory} providers lock -platform=linux_amd64", with a -platform for each of yours, and commit it`,
        );
      }
    },

    async validate() {
      const printed = await text(['validate', '-json'], { expect: [0, 1] });
      const { diagnostics } = JSON.parse(printed) as { diagnostics: Diagnostic[] };
      const errors = diagnostics.filter(({ severity }) => severity === 'error');
      if (errors.length > 0) throw asErrors(errors.map(each => finding(each, directory)));
    },

    async plan({ destroy = false, variables = {} } = {}) {
      const file = join(data, `plan-${++plans}`);
      const args = [
        'plan',
        `-out=${file}`,
        '-lock=false',
        ...(destroy ? ['-destroy'] : []),
        ...Object.entries(variables).map(([name, value]) => `-var=${name}=${value}`),
      ];
      // A plan that fails may quote them. What cannot be read cannot be planned, and that tells file and line.
      const present = await stateValues().catch(() => null);
      for (const secret of sensitiveInState(present ?? undefined)) runner.mask(secret);
      const warnings = await again(runner, 'terraform plan', () => stream(args));
      const plan = readPlan(await json(['show', '-json', file]));
      const secrets = sensitiveValues(plan);
      // A configuration may read Terraform's own environment.
      secrets.add(credentials.key).add(credentials.secret);
      for (const secret of secrets) runner.mask(secret);
      return { file, plan, secrets, warnings, isFirst: present !== null && !present?.root_module };
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
      const values = await stateValues();
      return values?.root_module ? resources(values.root_module) : [];
    },

    async binding(pullRequest) {
      const { endpoint, bucket: name, key } = state;
      return {
        pullRequest,
        environment: target.environment,
        backend: `${endpoint}/${name}/${key}`,
        lineage: (await pull())?.lineage ?? 'none',
        terraformVersion: await version(),
        lockFile: locksum,
      };
    },

    async locked(operation, work, { recover = false } = {}) {
      const { environment } = target;
      const keeping = { ...place, environment, operation, directory, secret: credentials.secret };
      return locked(runner, keeping, { version: await version(), recover }, { pull, ...writer }, () =>
        work(writer),
      );
    },
  };
}

const resources = ({ resources: own = [], child_modules = [] }: StateModule): StateResource[] => [
  ...own.map(({ address, values }) => ({ address, values: (values ?? {}) as Record<string, unknown> })),
  ...child_modules.flatMap(resources),
];

const sha256 = (file: string): Promise<string> =>
  readFile(file).then(
    content => createHash('sha256').update(content).digest('hex'),
    () => 'none',
  );

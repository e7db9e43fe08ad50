import { access, readFile, stat } from 'node:fs/promises';
import { closest } from '../platform/closest.ts';
import { type Environment, load, repositorySlug } from '../platform/platform.ts';
import { UserError } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import { deepest, depthOf } from './json.ts';
import { readPlan } from './model.ts';
import { refuseTooLong } from './plan-file.ts';
import type { Planned } from './prepare.ts';
import { sensitiveValues } from './secrets.ts';

/**
 * Reads a plan that somebody else's step made, as `terraform show -json PLAN` or `tofu show -json PLAN` printed it.
 * @throws UserError for a file that is not there, or is not such a plan
 */
export async function givenPlan(runner: Runner, file: string): Promise<Planned> {
  // Before it is read: Node reads no file of 2 GiB.
  const { size } = await stat(file).catch(unreadable(file));
  inFile(file, () => refuseTooLong(size));
  const bytes = await readFile(file).catch(unreadable(file));
  const plan = inFile(file, () => readPlan(text(file, bytes)));
  if (plan.errored) {
    throw new UserError('This plan did not come to its end: the log of the step that made it says why', {
      file,
    });
  }
  const secrets = sensitiveValues(plan);
  for (const secret of secrets) runner.mask(secret);
  return { plan, secrets, warnings: [] };
}

const unreadable =
  (file: string) =>
  (cause: NodeJS.ErrnoException): never => {
    throw new UserError(
      cause.code === 'ENOENT'
        ? `${file} does not exist: write it with "terraform show -json PLAN > ${file}" before this step`
        : `${file} could not be read (${cause.code}): see that it is a readable file`,
    );
  };

function inFile<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof UserError ? new UserError(error.message, { file }) : error;
  }
}

function text(file: string, bytes: Buffer): string {
  refuseTooLong(bytes.length); // a pipe has no size before it is read
  // A zip: what `terraform plan -out` writes.
  if (bytes.subarray(0, 4).equals(Buffer.from('PK\u0003\u0004'))) {
    throw new UserError(
      `This is the plan as Terraform saves it, with secrets in clear: give its JSON, which "terraform show -json ${file}" prints`,
    );
  }
  // PowerShell writes UTF-16 unasked, and both with a mark at the beginning.
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8';
  const printed = new TextDecoder(encoding).decode(bytes);
  if (/^\[command\]/.test(printed)) {
    throw new UserError(
      `This begins with a line of hashicorp/setup-terraform's: set "terraform_wrapper: false" there, so that only JSON is in the file`,
    );
  }
  if (printed.startsWith('{"@level"')) {
    throw new UserError(
      'This is what "terraform plan -json" tells while it plans: save the plan with "-out=FILE", and give what "terraform show -json FILE" prints',
    );
  }
  if (depthOf(printed) > deepest) {
    throw new UserError(
      `This has more than ${deepest} lists and maps in each other, which no plan has: hand over what "terraform show -json PLAN" prints, as it is`,
    );
  }
  return printed;
}

/**
 * What platform.yaml says of an environment, for those who have both.
 * @throws UserErrors for a file with mistakes, or an environment that is mistyped: rules must not be passed over
 */
export async function settingsIfAny(
  runner: Runner,
  platformFile: string,
  environment: string,
): Promise<{ settings?: Environment; repository?: string }> {
  const missing = await access(platformFile).then(
    () => false,
    ({ code }: NodeJS.ErrnoException) => code === 'ENOENT',
  );
  if (missing) return {};
  const { environments, repository } = await load(platformFile);
  const settings = Object.hasOwn(environments, environment) ? environments[environment] : undefined;
  const hint = settings ? undefined : closest(environment, Object.keys(environments));
  if (hint) {
    throw new UserError(
      `${platformFile} has no environment "${environment}", so none of its rules would apply: did you mean "${hint}"?`,
    );
  }
  if (!settings) runner.info(`${platformFile} has no environment "${environment}": no rules of it apply`);
  return { repository: repositorySlug(repository), ...(settings && { settings }) };
}

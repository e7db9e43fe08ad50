import { access } from 'node:fs/promises';
import { assertCredentials } from '../exoscale/request.ts';
import { type Target, target as targetOf } from '../platform/platform.ts';
import { UserError } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import { type Bucket, bucket } from './bucket.ts';
import { type SavedPlan, type Terraform, terraform } from './client.ts';
import { renderMarkdown, renderText, type View } from './render.ts';
import type { Credentials } from './signature.ts';
import { type StateLocation, stateLocation } from './state.ts';

/** What plan and apply are told. */
export interface EnvironmentRequest {
  environment: string;
  platformFile: string;
  /** The folder with Terraform's root module. */
  directory: string;
  exoscaleApiKey?: string | undefined;
  exoscaleApiSecret?: string | undefined;
  dryRun: boolean;
}

export interface Prepared {
  credentials: Credentials;
  target: Target;
  state: StateLocation;
  bucket: Bucket;
  terraform: Terraform;
}

export async function prepare(runner: Runner, request: EnvironmentRequest): Promise<Prepared> {
  const { environment, platformFile, directory } = request;
  const target = await targetOf(platformFile, environment);
  const credentials = { key: request.exoscaleApiKey ?? '', secret: request.exoscaleApiSecret ?? '' };
  assertCredentials(credentials);
  await access(directory).catch(() => {
    throw new UserError(
      `The folder "${directory}" does not exist: name the one with your Terraform in the input "directory"`,
    );
  });
  const state = stateLocation(target);
  return {
    credentials,
    target,
    state,
    bucket: bucket(state, credentials),
    terraform: await terraform(runner, { target, platformFile, directory, credentials }),
  };
}

export const viewOf = (name: string, { plan, secrets, warnings }: SavedPlan): View => ({
  name,
  plan,
  secrets,
  warnings: warnings.map(({ message }) => message),
});

// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#step-isolation-and-limits
const summaryLimit = 1024 * 1024;

/** Shows a plan in the log and on the run's page. */
export async function present(runner: Runner, view: View, { warnings }: SavedPlan): Promise<void> {
  for (const { message, at } of warnings) runner.warning(message, at);
  runner.info(renderText(view));
  await runner.summary(renderMarkdown(view, summaryLimit - 4096, 'all of it is in the log'));
}

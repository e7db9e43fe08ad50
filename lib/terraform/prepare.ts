import { stat } from 'node:fs/promises';
import { assertCredentials } from '../exoscale/request.ts';
import { type Target, target as targetOf } from '../platform/platform.ts';
import { UserError } from '../runner/errors.ts';
import { gathering } from '../runner/gather.ts';
import type { Runner } from '../runner/runner.ts';
import { scrubber } from '../runner/scrub.ts';
import { type Bucket, bucket } from './bucket.ts';
import { type SavedPlan, type Terraform, terraform } from './client.ts';
import { withViolations } from './comment.ts';
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

/**
 * @param check what else of the request can be refused before anybody is asked
 * @throws UserErrors with all that is wrong with it
 */
export async function prepare(
  runner: Runner,
  request: EnvironmentRequest,
  check: (target: Target) => void = () => {},
): Promise<Prepared> {
  const { environment, platformFile, directory } = request;
  const target = await targetOf(platformFile, environment);
  const credentials = { key: request.exoscaleApiKey ?? '', secret: request.exoscaleApiSecret ?? '' };
  const { add, attempt, tell } = gathering();
  attempt(() => assertCredentials(credentials));
  attempt(() => check(target));
  const isFolder = await stat(directory).then(
    found => found.isDirectory(),
    () => false,
  );
  if (!isFolder)
    add(
      new UserError(
        `The folder "${directory}" does not exist: name the one with your Terraform in the input "directory"`,
      ),
    );
  tell();
  const state = stateLocation(target);
  const place = { state, bucket: bucket(state, credentials) };
  return {
    credentials,
    target,
    ...place,
    terraform: await terraform(runner, { target, platformFile, directory, credentials }, place),
  };
}

/** As much of a plan as is shown, whoever made it. */
export type Planned = Pick<SavedPlan, 'plan' | 'secrets' | 'warnings'>;

export const viewOf = (name: string, { plan, secrets, warnings }: Planned): View => ({
  name,
  plan,
  secrets,
  warnings: warnings.map(({ message }) => message),
});

// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#step-isolation-and-limits
const summaryLimit = 1024 * 1024 - 8192;

/**
 * Shows a plan in the log and on the run's page.
 * @param violations the rules that it breaks
 */
export async function present(
  runner: Runner,
  view: View,
  { warnings }: Planned,
  violations: readonly string[] = [],
): Promise<void> {
  for (const { message, at } of warnings) runner.warning(message, at);
  runner.info(renderText(view));
  const markdown = renderMarkdown(view, summaryLimit, 'all of it is in the log');
  await runner.summary(withViolations(markdown, violations, scrubber(view.secrets)));
}

/** Shows what the comment says, for a plan whose whole text is in the log of whoever made it. */
export async function presentMarkdown(
  runner: Runner,
  markdown: (limit: number, more?: string) => string,
): Promise<void> {
  runner.info(markdown(commentLimit));
  await runner.summary(markdown(summaryLimit));
}

/** GitHub takes 65,536 characters a comment; the sections of other environments and hidden data want room too. */
export const commentLimit = 40_000;

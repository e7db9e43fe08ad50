import { exoscale } from '../exoscale/exoscale.ts';
import { driftIssue, driftLimit } from '../github/drift.ts';
import { runLine } from '../github/run-line.ts';
import { repositorySlug } from '../platform/platform.ts';
import { UserError, UserErrors } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import { scrubber } from '../runner/scrub.ts';
import { failedBody, planSection, withViolations } from './comment.ts';
import { sealedInBucket, unrecovered } from './errored.ts';
import { unformatted } from './format.ts';
import { givenPlan, settingsIfAny } from './given-plan.ts';
import { describe, heldLock } from './lock.ts';
import { changesAnything, type Plan } from './model.ts';
import { orphansBehind, willForget } from './orphans.ts';
import { idlePatterns, type Rules, violations } from './policy.ts';
import {
  commentLimit,
  type EnvironmentRequest,
  type Planned,
  prepare,
  present,
  presentMarkdown,
  viewOf,
} from './prepare.ts';
import { renderMarkdown, summaryLine } from './render.ts';
import { refuseWeak, reviewOf } from './review.ts';
import { type GivenRules, rules } from './rules.ts';

export interface PlanRequest extends Omit<EnvironmentRequest, 'environment'>, GivenRules {
  /** In platform.yaml; with `planJson` only a title. */
  environment?: string | undefined;
  /** A file with the JSON of a plan that was made elsewhere: nothing is planned then. */
  planJson?: string | undefined;
  /** Tells in an issue what is not as the configuration says, and writes no comment. */
  drift: boolean;
  reviewKey?: string | undefined;
  githubToken?: string | undefined;
}

export interface PlanResult {
  changes: boolean;
  counts: Plan['counts'];
  /** `staging: 2 to create, 0 to update, 0 to replace, 0 to destroy` */
  summary: string;
  /** The rules that it breaks, which it says above all else. */
  broken: UserError[];
}

/**
 * Plans an environment and shows the plan: in the log, on the run's page and, for a pull request, in its comment.
 */
export async function plan(runner: Runner, asked: PlanRequest): Promise<PlanResult> {
  const { environment = asked.planJson && 'Terraform' } = asked;
  if (!environment) {
    throw new UserError('Input "environment" is missing: name one of those that platform.yaml has');
  }
  if (asked.reviewKey) refuseWeak(asked.reviewKey);
  const request = { ...asked, environment };
  // First of all: whatever fails from here on, the plan of a former commit does not stay.
  const section = request.drift ? undefined : await planSection(runner, request);
  await section?.begin();
  const drift = request.drift ? await driftIssue(runner, { ...request, part: 'Terraform' }) : undefined;
  const failed = async (error: unknown): Promise<never> => {
    // If this fails too, the first error is the one to show.
    await section?.write(failedBody(runner, environment)).catch(() => {});
    await drift?.missed();
    throw error;
  };
  const source = await (request.planJson === undefined
    ? ownPlan(runner, request)
    : foreignPlan(runner, request, asked.environment !== undefined)
  ).catch(failed);
  const { planned, review, note } = await source.plan(section?.pullRequest).catch(failed);
  const view = viewOf(environment, planned);
  const broken = violations(planned.plan, source.rules);
  for (const each of idlePatterns(planned.plan, source.rules)) runner.warning(each);
  const markdown = (limit: number, more?: string) =>
    withViolations(renderMarkdown(view, limit, more), broken, scrubber(view.secrets));

  if (request.planJson === undefined) await present(runner, view, planned, broken);
  else await presentMarkdown(runner, markdown);
  if (note) runner.notice(note);
  const last = [note, runLine(runner)].filter(Boolean).join('\n\n');
  await section?.write(`${markdown(commentLimit, runLine(runner))}\n\n${last}`, review);
  const told = hasDrifted(planned.plan)
    ? // With its room it is cut between resources; the issue would cut between lines.
      { found: markdown(driftLimit, 'all of it is in the run'), advice }
    : undefined;
  await drift?.tell(told, source.repository);
  return {
    changes: changesAnything(planned.plan),
    counts: planned.plan.counts,
    summary: summaryLine(view),
    broken: broken.map(each => new UserError(each)),
  };
}

/**
 * Something is not as the configuration says: an apply would change it, or it was changed outside of Terraform. Nothing
 * else is: a plan that failed says nothing about the world.
 */
const hasDrifted = (plan: Plan): boolean => changesAnything(plan) || plan.drift.length > 0;

const advice = 'An apply takes this back; to keep it, write it into the configuration.';

interface Source {
  rules: Rules;
  /** `owner/name`, as platform.yaml says it. */
  repository?: string;
  /** @param reviewed the pull request where somebody is to see it before it is applied */
  plan(reviewed?: string): Promise<{ planned: Planned; review?: string | undefined; note?: string }>;
}

type Request = PlanRequest & EnvironmentRequest;

async function ownPlan(runner: Runner, request: Request): Promise<Source> {
  const { environment, directory, drift, reviewKey } = request;
  const { bucket, credentials, state, target, terraform } = await prepare(runner, request);
  return {
    rules: rules(target.settings, request),
    repository: repositorySlug(target.platform.repository),
    async plan(reviewed) {
      const held = await heldLock(bucket, state);
      const locked = held && `The state of ${environment} is locked by ${describe(held)}`;
      if (locked && drift) {
        throw new UserError(
          `${locked}: what is half-way through a change is no drift, so nothing was looked for; run this again when it is done`,
        );
      }
      if (locked) runner.warning(`${locked}: what is planned meanwhile may show half of it`);
      const sealed = await sealedInBucket(bucket, state);
      if (sealed && drift) throw new UserError(unrecovered(sealed));
      if (sealed) runner.warning(`${unrecovered(sealed)}; until then a plan does not know what it holds`);
      await runner.group('Prepare Terraform', async () => {
        for (const { message, at } of await unformatted(runner, directory)) runner.warning(message, at);
        await terraform.init().catch(explained);
        await terraform.validate();
      });
      const api = exoscale({ ...credentials, zone: target.settings.zone });
      const planned = await runner.group(`Plan ${environment}`, () =>
        terraform
          .plan()
          .catch(async error => {
            throw willForget(environment, await orphansBehind(error, terraform, api));
          })
          .catch(explained),
      );
      if (reviewed && !reviewKey) {
        runner.notice(
          'Without the input review-key the comment keeps nothing that an apply could hold its own plan against: give it the secret REVIEW_KEY',
        );
      }
      const review =
        reviewed && reviewKey
          ? reviewOf(planned.plan, await terraform.binding(reviewed), reviewKey)
          : undefined;
      // A name or a bucket that was changed leads to another state, and everything would be built a second time.
      const note = `The state ${state.bucket}/${state.key} holds nothing yet: if ${environment} exists already, this is not its state`;
      return { planned, review, ...(planned.isFirst && { note }) };
    },
  };
}

/** Providers name the request that was refused, and not what the key lacks. */
function explained(error: unknown): never {
  if (!(error instanceof UserErrors)) throw error;
  // Each resource says it, at its line, as if that were wrong.
  if (
    /invalid (credentials|signature)|signature ?does ?not ?match|invalid ?access ?key/i.test(error.message)
  ) {
    throw new UserError(
      'Exoscale does not accept the key: see that exoscale-api-key and exoscale-api-secret belong together, and that the key was not revoked',
    );
  }
  if (!/forbidden|access ?denied|\b403\b/i.test(error.message)) throw error;
  const hint =
    'The Exoscale key may not read all that a plan has to: give its IAM role read access to Compute, SKS, DBaaS and Object Storage';
  throw new UserErrors([...error.errors, new UserError(hint)]);
}

/** @param isNamed whether the environment is one that somebody has named, and no mere title */
async function foreignPlan(runner: Runner, request: Request, isNamed: boolean): Promise<Source> {
  const { environment, platformFile, planJson = '' } = request;
  const { settings, repository } = isNamed ? await settingsIfAny(runner, platformFile, environment) : {};
  return {
    rules: rules(settings, request),
    ...(repository !== undefined && { repository }),
    plan: async () => ({ planned: await givenPlan(runner, planJson) }),
  };
}

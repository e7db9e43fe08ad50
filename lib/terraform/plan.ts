import type { Runner } from '../runner/runner.ts';
import type { SavedPlan, Terraform } from './client.ts';
import { commenter } from './comment.ts';
import { describe, heldLock } from './lock.ts';
import { changesAnything, type Plan } from './model.ts';
import { type EnvironmentRequest, prepare, present, viewOf } from './prepare.ts';
import { renderMarkdown, summaryLine } from './render.ts';

export interface PlanRequest extends EnvironmentRequest {
  githubToken?: string | undefined;
}

export interface PlanResult {
  changes: boolean;
  counts: Plan['counts'];
  /** `staging: 2 to create, 0 to update, 0 to replace, 0 to destroy` */
  summary: string;
}

/** Plans an environment and shows the plan: in the log, on the run's page and, for a pull request, in its comment. */
export async function plan(runner: Runner, request: PlanRequest): Promise<PlanResult> {
  const { environment } = request;
  const { bucket, state, terraform } = await prepare(runner, request);
  const held = await heldLock(bucket, state);
  if (held) {
    runner.warning(
      `The state of ${environment} is locked by ${describe(held)}: what is planned meanwhile may show half of it`,
    );
  }
  const tell = await commenter(runner, request);
  const saved = await planned(runner, environment, terraform).catch(async error => {
    // What went wrong may quote a secret, and nobody masks a comment: the log has it. If this fails too, the first
    // error is the one to show.
    await tell(`### ${environment}: the plan failed\n\n${runLink(runner)}`).catch(() => {});
    throw error;
  });
  const view = viewOf(environment, saved);
  await present(runner, view, saved);
  await tell(`${renderMarkdown(view, commentLimit, runLink(runner))}\n\n${runLink(runner)}`);
  return { changes: changesAnything(saved.plan), counts: saved.plan.counts, summary: summaryLine(view) };
}

async function planned(runner: Runner, environment: string, terraform: Terraform): Promise<SavedPlan> {
  await runner.group('Prepare Terraform', async () => {
    await terraform.init();
    await terraform.validate();
  });
  return runner.group(`Plan ${environment}`, () => terraform.plan());
}

/** GitHub takes 65,536 characters a comment; the sections of other environments and the link want room too. */
const commentLimit = 30_000;

const runLink = ({ context: { runUrl, sha } }: Runner): string =>
  [sha && `commit ${sha.slice(0, 7)}`, runUrl && `[the run](${runUrl})`].filter(Boolean).join(' · ');

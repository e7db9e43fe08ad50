import { exoscale } from '../exoscale/exoscale.ts';
import { UserError, UserErrors } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import { adopt, claims } from './adopt.ts';
import type { SavedPlan, StateResource, Terraform, Writer } from './client.ts';
import { isOpen } from './comment.ts';
import { attempt, begin, conclude, nothingLeft } from './conclude.ts';
import { sealedInBucket, unrecovered } from './errored.ts';
import { changesAnything, type Plan } from './model.ts';
import { nobodyWasShown, orphansBehind, willForget } from './orphans.ts';
import { violations } from './policy.ts';
import { type Prepared, prepare, present, viewOf } from './prepare.ts';
import { doneLine, summaryLine } from './render.ts';
import { refuseWeak } from './review.ts';
import { type Review, type ReviewRequest, review, type Shown } from './reviewed.ts';
import { rules } from './rules.ts';
import { some } from './text.ts';
import { clear, endNote, note } from './unfinished.ts';
import { doubles, type Existing, seconds } from './unrecorded.ts';
import { stateVersion } from './uploaded.ts';

export interface ApplyRequest extends ReviewRequest {
  /** Apply what is planned now, although the pull request has shown something else. */
  acceptChanges: boolean;
  /** Put back the state that an earlier apply could not upload, and go on from there. */
  recover: boolean;
}

export interface ApplyResult {
  /** Whether anything was changed. */
  changed: boolean;
  clusterId?: string;
  ingressIp?: string;
}

/** Plans an environment, shows the plan, and applies just that, when it is what the pull request has shown. */
export async function apply(runner: Runner, request: ApplyRequest): Promise<ApplyResult> {
  if (request.reviewKey) refuseWeak(request.reviewKey);
  const prepared = await prepare(runner, request);
  const { terraform } = prepared;
  await runner.group('Prepare Terraform', () => terraform.init());
  const changed = request.dryRun
    ? await rehearse(runner, request, prepared)
    : await terraform.locked('apply', writer => converge(runner, request, prepared, writer), request);
  // Asked to stop, nothing is started any more; what could be done is done, and is no failure for that.
  const { cluster_id, ingress_ip } = runner.stop.aborted ? {} : await terraform.outputs();
  return {
    changed,
    ...(typeof cluster_id === 'string' && { clusterId: cluster_id }),
    ...(typeof ingress_ip === 'string' && { ingressIp: ingress_ip }),
  };
}

/** Says what an apply would do, and whether it would be refused. */
async function rehearse(runner: Runner, request: ApplyRequest, prepared: Prepared): Promise<false> {
  const { bucket, state, terraform } = prepared;
  const sealed = await sealedInBucket(bucket, state);
  if (sealed) runner.warning(unrecovered(sealed));
  const saved = await planned(runner, request, prepared);
  await presentChecked(runner, request, prepared, saved);
  if (!changesAnything(saved.plan)) return false;
  const { against } = await review(runner, request, saved.plan, terraform);
  if (against.length > 0) runner.warning(`An apply would be refused: ${some(against).join('; ')}`);
  const { own, others } = await claims(prepared, saved.plan, apiOf(prepared));
  for (const { what, ids } of own)
    runner.info(`The ${what} (${ids[0]}) is there already: an apply would take it into the state`);
  for (const { message } of seconds(others)) runner.warning(`An apply would be refused: ${message}`);
  return false;
}

async function converge(
  runner: Runner,
  request: ApplyRequest,
  prepared: Prepared,
  writer: Writer,
): Promise<boolean> {
  const { bucket, state, terraform } = prepared;
  const { saved, others } = await settled(runner, request, prepared, writer);
  await presentChecked(runner, request, prepared, saved);
  if (!changesAnything(saved.plan)) {
    await attempt(runner, () => clear(bucket, state));
    await concludeIdle(runner, request, saved.plan, terraform);
    return false;
  }
  const found = await review(runner, request, saved.plan, terraform);
  if (!(await mayGoOn(runner, request, found))) return false;

  if (others.length > 0) throw new UserErrors(seconds(others));
  await carryOut(runner, request, prepared, writer, saved, found.shown);
  return true;
}

/** The plan that is left when all that an apply before has made is in the state, and what of it others have made already. */
async function settled(
  runner: Runner,
  request: ApplyRequest,
  prepared: Prepared,
  writer: Writer,
): Promise<{ saved: SavedPlan; others: Existing[] }> {
  for (;;) {
    const saved = await planned(runner, request, prepared, writer);
    const { own, others } = await claims(prepared, saved.plan, apiOf(prepared));
    if (own.length === 0) return { saved, others };
    await adopt(runner, prepared.terraform, writer, own);
  }
}

/** Applies a plan, and tells before and afterwards whoever was shown it. */
async function carryOut(
  runner: Runner,
  request: ApplyRequest,
  prepared: Prepared,
  writer: Writer,
  saved: SavedPlan,
  shown: Shown | undefined,
): Promise<void> {
  const { environment, githubToken } = request;
  const { bucket, state, terraform } = prepared;
  const before = await stateVersion(bucket, state);
  await note(bucket, state, saved.plan, before);
  const view = viewOf(environment, saved);
  await conclude(runner, githubToken, shown, `${environment}: being applied`);
  const line = doneLine(view);
  const { applied, end } = await begin(runner, request, shown, { planned: summaryLine(view), done: line });
  // Asked to stop, Terraform is not started any more: what the plan knew has to do.
  const recorded = async () => (runner.stop.aborted ? [] : terraform.resources());
  const twice = async (known?: StateResource[]) =>
    (await attempt(runner, () =>
      doubles(saved.plan, known ? async () => known : recorded, apiOf(prepared)),
    )) ?? [];
  try {
    await runner.group(`Apply ${environment}`, () => writer.apply(saved));
  } catch (error) {
    const failure = inPart(environment, error, await twice());
    await end('failure');
    throw failure;
  }
  applied();
  const asked = runner.stop.aborted ? undefined : recorded;
  const { known, lost } = await endNote(runner, prepared, saved.plan, before, asked);
  if (lost) {
    await end('failure');
    throw lost;
  }
  runner.info(line);
  await runner.summary(`**${line}**\n`);
  await end('success');
  const alike = await twice(known);
  if (alike.length > 0) throw new UserErrors(alike);
}

const apiOf = ({ credentials, target }: Prepared) => exoscale({ ...credentials, zone: target.settings.zone });

/** @param writer of those who may write the state: then a cluster that was deleted by hand is no obstacle */
async function planned(
  runner: Runner,
  { environment, reviewKey, acceptChanges }: ApplyRequest,
  prepared: Prepared,
  writer?: Writer,
): Promise<SavedPlan> {
  const { terraform } = prepared;
  const plan = () => runner.group(`Plan ${environment}`, () => terraform.plan());
  return plan().catch(async error => {
    const pools = await orphansBehind(error, terraform, apiOf(prepared));
    if (!writer) throw willForget(environment, pools);
    const isReviewed = runner.context.repository !== undefined && reviewKey !== undefined;
    if (isReviewed && !acceptChanges) throw nobodyWasShown(environment, pools);
    runner.warning(
      `The cluster of ${environment} is gone from Exoscale, and its node pools with it: the state forgets ${pools.join(', ')}, and the plan makes cluster and nodes anew`,
    );
    await writer.forget(pools);
    return plan();
  });
}

/** @throws UserErrors for a plan that breaks a rule, after it has been shown */
async function presentChecked(
  runner: Runner,
  { environment }: ApplyRequest,
  { target }: Prepared,
  saved: SavedPlan,
): Promise<void> {
  const broken = violations(saved.plan, rules(target.settings, {}));
  await present(runner, viewOf(environment, saved), saved, broken);
  // These were agreed on before this change: no accept-changes goes over them.
  if (broken.length > 0) throw new UserErrors(broken.map(each => new UserError(each)));
}

/** What was to be done may have been done by an apply that could not tell any more: then it is told now. */
async function concludeIdle(
  runner: Runner,
  request: ApplyRequest,
  plan: Plan,
  terraform: Terraform,
): Promise<void> {
  const { environment, reviewKey, githubToken } = request;
  await nothingLeft(runner, request);
  if (!reviewKey || !githubToken) return;
  const found = await attempt(runner, () => review(runner, request, plan, terraform));
  if (found?.shown && isOpen(found.shown.body))
    await conclude(runner, githubToken, found.shown, `${environment}: nothing is left to do`);
}

async function mayGoOn(runner: Runner, request: ApplyRequest, found: Review): Promise<boolean> {
  const { against, waits, shown } = found;
  if (against.length === 0) return true;
  if (request.acceptChanges) {
    runner.warning(`Applied because of accept-changes, although ${some(against).join('; ')}`);
    return true;
  }
  if (waits) {
    runner.warning(
      `Nothing was applied: ${against[0]}; what is planned above waits for a pull request that does, or for this workflow to be run by hand with accept-changes for ${request.environment}`,
    );
    return false;
  }
  await conclude(runner, request.githubToken, shown, `${request.environment}: not applied, see the run`);
  throw new UserErrors([
    ...some(against).map(clause => new UserError(clause)),
    new UserError(
      `Nothing was applied: read the plan above, and if it is what you want, run this workflow by hand with accept-changes for ${request.environment}`,
    ),
  ]);
}

function inPart(environment: string, error: unknown, found: readonly UserError[]): unknown {
  if (!(error instanceof UserErrors || error instanceof UserError)) return error;
  const hint = `${environment} may be applied in part: mend what is said above and apply again, it goes on from there`;
  const said = error instanceof UserErrors ? error.errors : [error];
  return new UserErrors([...said, ...found, new UserError(hint)]);
}

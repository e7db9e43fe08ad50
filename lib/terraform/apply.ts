import { type Exoscale, exoscale } from '../exoscale/exoscale.ts';
import { UserError, UserErrors } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import type { SavedPlan, Writer } from './client.ts';
import { attempt, conclude, record } from './conclude.ts';
import { changesAnything, type Plan } from './model.ts';
import { orphansBehind, willForget } from './orphans.ts';
import { violations } from './policy.ts';
import { type Prepared, prepare, present, viewOf } from './prepare.ts';
import { doneLine, summaryLine } from './render.ts';
import { type Review, type ReviewRequest, review, some } from './reviewed.ts';
import { rules } from './rules.ts';
import { clear, note, noted } from './unfinished.ts';
import { existing, refuseDoubles, refuseSecond } from './unrecorded.ts';

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
  const prepared = await prepare(runner, request);
  const { terraform } = prepared;
  await runner.group('Prepare Terraform', () => terraform.init());
  const changed = request.dryRun
    ? await rehearse(runner, request, prepared)
    : await terraform.locked('apply', writer => converge(runner, request, prepared, writer), request);
  const { cluster_id, ingress_ip } = await terraform.outputs();
  return {
    changed,
    ...(typeof cluster_id === 'string' && { clusterId: cluster_id }),
    ...(typeof ingress_ip === 'string' && { ingressIp: ingress_ip }),
  };
}

/** Says what an apply would do, and whether it would be refused. */
async function rehearse(runner: Runner, request: ApplyRequest, prepared: Prepared): Promise<false> {
  const saved = await planned(runner, request, prepared);
  if (!changesAnything(saved.plan)) return false;
  const { against } = await review(runner, request, saved.plan, prepared.terraform);
  if (against.length > 0) runner.warning(`An apply would be refused: ${some(against).join('; ')}`);
  return false;
}

async function converge(
  runner: Runner,
  request: ApplyRequest,
  prepared: Prepared,
  writer: Writer,
): Promise<boolean> {
  const { environment, githubToken } = request;
  const { bucket, credentials, state, target, terraform } = prepared;
  const saved = await planned(runner, request, prepared, writer);
  if (!changesAnything(saved.plan)) return false;
  const found = await review(runner, request, saved.plan, terraform);
  if (!(await mayGoOn(runner, request, found))) return false;

  const api = exoscale({ ...credentials, zone: target.settings.zone });
  refuseSecond(await existing(saved.plan, api));
  await note(bucket, state, saved.plan);
  const view = viewOf(environment, saved);
  const finish = await record(runner, request, summaryLine(view));
  try {
    await runner.group(`Apply ${environment}`, () => writer.apply(saved)).catch(inPart(environment));
    await refuseDoubles(saved.plan, terraform, api);
  } catch (error) {
    await conclude(runner, githubToken, found.shown, `${environment}: the apply failed, see the run`);
    await finish('failure');
    throw error;
  }
  const line = doneLine(view);
  runner.info(line);
  await runner.summary(`**${line}**\n`);
  await attempt(runner, () => clear(bucket, state));
  await conclude(runner, githubToken, found.shown, line);
  await finish('success');
  return true;
}

/**
 * Plans and shows the plan.
 * @param writer of those who may write the state: it is brought in line first with what is there
 */
async function planned(
  runner: Runner,
  { environment }: ApplyRequest,
  prepared: Prepared,
  writer?: Writer,
): Promise<SavedPlan> {
  const { credentials, target, terraform } = prepared;
  const api = exoscale({ ...credentials, zone: target.settings.zone });
  const plan = () => runner.group(`Plan ${environment}`, () => terraform.plan());
  let saved = await plan().catch(async error => {
    const pools = await orphansBehind(error, terraform, api);
    if (!writer) throw willForget(environment, pools);
    runner.warning(
      `The cluster of ${environment} is gone from Exoscale, and its node pools with it: the state forgets ${pools.join(', ')}, and the plan makes cluster and nodes anew`,
    );
    await writer.forget(pools);
    return plan();
  });
  while (writer && (await adoptOwn(runner, prepared, writer, saved.plan, api))) saved = await plan();

  const broken = violations(saved.plan, rules(target.settings, {}));
  await present(runner, viewOf(environment, saved), saved, broken);
  // These were agreed on before this change: no accept-changes goes over them.
  if (broken.length > 0) throw new UserErrors(broken.map(each => new UserError(each)));
  return saved;
}

/** Takes into the state what an apply before this one has created when it was broken off. False when there is nothing. */
async function adoptOwn(
  runner: Runner,
  { bucket, state }: Prepared,
  writer: Writer,
  plan: Plan,
  api: Exoscale,
): Promise<boolean> {
  const creates = await noted(bucket, state);
  if (creates.size === 0) return false;
  const own = (await existing(plan, api)).filter(
    ({ address, ids }) => creates.has(address) && ids.length === 1,
  );
  for (const { what, address, ids } of own) {
    runner.info(
      `An apply that was broken off has created the ${what} (${ids[0]}): the state takes it in as ${address}`,
    );
    await writer.adopt(address, ids[0] ?? '');
  }
  return own.length > 0;
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
      `Nothing was applied: ${against[0]}, as it changes nothing that Terraform reads; what is planned above waits for a pull request that does, or for this workflow to be run by hand with accept-changes`,
    );
    return false;
  }
  await conclude(runner, request.githubToken, shown, `${request.environment}: not applied, see the run`);
  throw new UserErrors([
    ...some(against).map(clause => new UserError(clause)),
    new UserError(
      'Nothing was applied: read the plan above, and if it is what you want, run this workflow by hand with accept-changes',
    ),
  ]);
}

const inPart =
  (environment: string) =>
  (error: unknown): never => {
    if (!(error instanceof UserErrors || error instanceof UserError)) throw error;
    const hint = `${environment} may be applied in part: mend what is said above and apply again, it goes on from there`;
    throw new UserErrors([...(error instanceof UserErrors ? error.errors : [error]), new UserError(hint)]);
  };

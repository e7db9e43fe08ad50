import { exoscale } from '../exoscale/exoscale.ts';
import { UserError, UserErrors } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import { changesAnything } from './model.ts';
import { describe, heldLock, proveLocking } from './preflight.ts';
import { type EnvironmentRequest, prepare, present, viewOf } from './prepare.ts';
import { doneLine } from './render.ts';
import { refuseDoubles, refuseSecond } from './unrecorded.ts';

export interface ApplyResult {
  /** Whether anything was changed. */
  changed: boolean;
  clusterId?: string;
  ingressIp?: string;
}

/** Plans an environment, shows the plan, and applies just that. */
export async function apply(runner: Runner, request: EnvironmentRequest): Promise<ApplyResult> {
  const { environment, dryRun } = request;
  const { bucket, credentials, state, target, terraform } = await prepare(runner, request);
  await runner.group('Prepare Terraform', async () => {
    if (!dryRun) await proveLocking(bucket, state);
    await terraform.init();
  });
  const held = dryRun ? undefined : await heldLock(bucket, state);
  if (held)
    runner.info(`The state of ${environment} is locked by ${describe(held)}: waiting for at most a minute`);
  const saved = await runner.group(`Plan ${environment}`, () => terraform.plan({ lock: !dryRun }));
  const view = viewOf(environment, saved);
  await present(runner, view, saved);

  const changed = changesAnything(saved.plan) && !dryRun;
  if (changed) {
    const api = exoscale({ ...credentials, zone: target.settings.zone });
    await refuseSecond(saved.plan, api);
    await runner.group(`Apply ${environment}`, () => terraform.apply(saved)).catch(inPart(environment));
    await refuseDoubles(saved.plan, api);
    const line = doneLine(view);
    runner.info(line);
    await runner.summary(`**${line}**\n`);
  }
  const { cluster_id, ingress_ip } = await terraform.outputs();
  return {
    changed,
    ...(typeof cluster_id === 'string' && { clusterId: cluster_id }),
    ...(typeof ingress_ip === 'string' && { ingressIp: ingress_ip }),
  };
}

const inPart =
  (environment: string) =>
  (error: unknown): never => {
    if (!(error instanceof UserErrors || error instanceof UserError)) throw error;
    const hint = `${environment} may be applied in part: mend what is said above and apply again, it goes on from there`;
    throw new UserErrors([...(error instanceof UserErrors ? error.errors : [error]), new UserError(hint)]);
  };

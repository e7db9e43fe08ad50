import type { Exoscale } from '../exoscale/exoscale.ts';
import { UserErrors } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import type { StateResource, Writer } from '../terraform/client.ts';
import { changesAnything, type Plan } from '../terraform/model.ts';
import { orphanedPools } from '../terraform/orphans.ts';
import { type Prepared, present, viewOf } from '../terraform/prepare.ts';
import { doneLine } from '../terraform/render.ts';
import type { Keeper } from './data/keep.ts';
import { databaseService, type Service, type World } from './observe.ts';

const attempts = 3;

/**
 * Destroys what Terraform's state holds; plans anew after each failure. A database goes when its data is kept, and not before.
 * @param writer without one it is only said what would be destroyed
 */
export async function destroy(
  runner: Runner,
  cloud: Exoscale,
  { target: { environment }, terraform }: Prepared,
  { state, cluster }: World,
  data: Keeper,
  writer: Writer | undefined,
): Promise<void> {
  if (state.length === 0) {
    runner.info('Terraform: the state is empty already');
    return;
  }
  const pools = cluster ? [] : await orphanedPools(terraform, cloud);
  if (pools.length > 0) {
    runner.info(
      `Terraform: the cluster is gone, and its node pools with it, so the state forgets ${pools.join(', ')}`,
    );
    if (!writer) return; // there is no plan before that
    await writer.forget(pools);
  }
  for (let attempt = 1; ; attempt++) {
    const saved = await terraform.plan({ destroy: true });
    const view = viewOf(environment, saved);
    if (attempt === 1) await present(runner, view, saved);
    if (!writer || !changesAnything(saved.plan)) return;
    const services = databases(saved.plan);
    for (const service of services) await data.keep(service);
    for (const { name } of services.filter(({ type }) => type === 'pg'))
      if (await cloud.unprotectDatabase(name))
        runner.info(`The database ${name} is no longer protected against its deletion`);
    try {
      await writer.apply(saved);
      runner.info(doneLine(view));
      return;
    } catch (error) {
      if (!(error instanceof UserErrors) || attempt === attempts || runner.stop.aborted) throw error;
      if (!(await writer.mayPlanAgain())) throw error;
      runner.warning(`Try ${attempt} of ${attempts} left something, so there is another: ${error.message}`);
    }
  }
}

/** The database services that are about to go. */
const databases = ({ changes }: Plan): Service[] =>
  changes.flatMap(({ address, action, change }) =>
    action === 'destroy'
      ? databaseService({ address, values: (change.before ?? {}) as StateResource['values'] })
      : [],
  );

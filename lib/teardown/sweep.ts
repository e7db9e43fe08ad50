import type { Exoscale, Leftover, Mark } from '../exoscale/exoscale.ts';
import type { Target } from '../platform/platform.ts';
import { userErrors } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import { list } from './render.ts';

/** As `terraform/platform.tf` writes it. */
export const markOf = ({ platform, environment }: Target): Mark => ({
  labels: { platform: platform.name, environment, 'managed-by': 'slipway' },
  description: `${platform.name} ${environment}, managed by slipway`,
});

/** A cluster holds its load balancers and security groups, so it goes first. */
const order: Leftover['kind'][] = ['SKS cluster', 'load balancer', 'security group', 'anti-affinity group'];

/**
 * Deletes what is left over and carries our mark: what a create whose answer was lost has made twice is in no state.
 * What cannot be deleted is said, and is among what is left.
 */
export async function sweepUp(
  runner: Runner,
  cloud: Exoscale,
  target: Target,
  leftovers: readonly Leftover[],
): Promise<void> {
  const mark = markOf(target);
  for (const thing of order.flatMap(kind => leftovers.filter(each => each.kind === kind))) {
    try {
      if (await cloud.removeMarked(thing, mark))
        runner.info(`Swept: ${list(thing)} carried our mark and is gone`);
    } catch (error) {
      for (const { message } of userErrors(error)) runner.warning(message);
    }
  }
}

/** What to do about one that is left. */
export const advice = ({ kind }: Leftover, sweep: boolean): string =>
  sweep || kind === 'volume' || kind === 'database'
    ? "delete it in Exoscale's console if it is yours"
    : 'run this again with "sweep" to have it deleted if it carries our mark, or delete it in Exoscale\'s console if it is yours';

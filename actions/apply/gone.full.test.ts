import { expect, test } from 'vitest';
import { type TerraformWorld, terraformWorld } from '../../sandbox/terraform-world.ts';

/** Somebody deletes the cluster in Exoscale's console, which takes its node pools with it. */
function deleteCluster(world: TerraformWorld): void {
  const zone = world.exoscale.account.zones['ch-gva-2'];
  zone?.clusters?.splice(0);
  zone?.instances?.splice(0);
}

const clusters = (world: TerraformWorld) =>
  world.exoscale.account.zones['ch-gva-2']?.clusters?.map(({ nodepools }) => nodepools.length);

test('a cluster that was deleted by hand: a plan says what an apply will do, and that makes it anew', {
  timeout: 900_000,
}, async () => {
  await using world = await terraformWorld();
  const cwd = await world.checkout('gone');
  const key = 'gone/staging.tfstate';
  expect((await world.step('apply', cwd)).code).toBe(0);
  deleteCluster(world);
  const before = await world.object(key);
  const writes = world.writes().length;

  const plan = await world.step('plan', cwd);
  expect(plan.code).toBe(1);
  expect(plan.annotations.at(-1)?.message).toMatch(
    /^The cluster of staging is gone from Exoscale, .* makes the state forget exoscale_sks_nodepool\.\S+ and creates cluster and nodes anew$/,
  );

  // Where plans are reviewed, nobody could be shown this one.
  const reviewed = { 'review-key': 'a review-key of forty characters or more', 'github-token': 'not needed' };
  const refused = await world.step('apply', cwd, { inputs: reviewed });
  expect(refused.code).toBe(1);
  expect(refused.annotations.at(-1)?.message).toMatch(
    /no pull request could show a plan, and nothing was changed: .* by hand with accept-changes for staging$/,
  );
  expect(await world.object(key)).toBe(before);
  expect(world.writes()).toHaveLength(writes);

  const anew = await world.step('apply', cwd);
  expect(anew.code, anew.log).toBe(0);
  expect(anew.log).toMatch(
    /the state forgets exoscale_sks_nodepool\.\S+, and the plan makes cluster and nodes anew/,
  );
  expect(clusters(world)).toEqual([1]);
  expect((await world.step('plan', cwd)).outputs.changes).toBe('false');
});

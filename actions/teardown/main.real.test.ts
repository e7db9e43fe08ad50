import { afterAll, beforeAll, expect, test } from 'vitest';
import { backend, type TerraformWorld, terraformWorld } from '../../sandbox/terraform-world.ts';

/* Without a cluster and without data: those need minutes, see main.full.test.ts and data.full.test.ts. */

let world: TerraformWorld;
beforeAll(async () => {
  world = await terraformWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

const module = `${backend}
terraform {
  required_providers {
    exoscale = { source = "exoscale/exoscale" }
  }
}
resource "exoscale_nlb" "ingress" {
  zone = "ch-gva-2"
  name = "taken-staging"
}
`;
const inputs = { confirm: 'staging', 'cloudflare-api-token': 'not asked for: there is no cluster' };
const balancers = () =>
  world.exoscale.account.zones['ch-gva-2']?.loadBalancers.filter(({ name }) => name === 'taken-staging');

test('what is confirmed goes, and a second run finds nothing to take down', async () => {
  const cwd = await world.checkout('taken', module);
  expect((await world.step('apply', cwd)).code).toBe(0);
  expect(balancers()).toHaveLength(1);
  const before = world.writes().length;

  const slip = await world.step('teardown', cwd, { inputs: { ...inputs, confirm: 'production' } });
  expect([slip.code, slip.annotations.at(-1)?.message]).toEqual([
    1,
    expect.stringContaining('Input "confirm" is "production": write staging there'),
  ]);
  const rehearsal = await world.step('teardown', cwd, { inputs: { ...inputs, 'dry-run': 'true' } });
  expect(rehearsal.code, rehearsal.log).toBe(0);
  expect(rehearsal.log).toContain('staging: this would go; nothing was changed\n');
  expect(world.writes()).toHaveLength(before);

  const first = await world.step('teardown', cwd, { inputs });
  expect(first.code, first.log).toBe(0);
  expect(first.outputs).toEqual({ leftovers: '[]', dumps: '[]' });
  expect(first.log).toContain('staging: 1 things are gone, nothing billable is left\n');
  expect(balancers()).toEqual([]);

  const gone = world.writes().length;
  const second = await world.step('teardown', cwd, { inputs });
  expect(second.code, second.log).toBe(0);
  expect(second.log).toContain('staging: there was nothing to take down, nothing billable is left\n');
  expect(world.writes()).toHaveLength(gone);
  expect(world.exoscale.complaints).toEqual([]);
  expect(world.egress.refused).toEqual([]);
});

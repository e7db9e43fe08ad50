import { afterAll, beforeAll, expect, test } from 'vitest';
import { backend, type TerraformWorld, terraformWorld } from '../../sandbox/terraform-world.ts';

let world: TerraformWorld;
beforeAll(async () => {
  world = await terraformWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

test('a destroy whose state cannot be uploaded is not tried again over the state from before', async () => {
  const cwd = await world.checkout('lost', `${backend}\nresource "terraform_data" "one" {}\n`);
  expect((await world.step('apply', cwd)).code).toBe(0);
  const before = await world.object('lost/staging.tfstate');
  world.storage.faults.schedule({
    ...{ method: 'PUT', path: '/lost/staging\\.tfstate(\\?.*)?$', times: 100 },
    effect: { kind: 'status', status: 403 },
  });
  const inputs = { confirm: 'staging', 'cloudflare-api-token': 'not asked for: there is no cluster' };
  const { code, log } = await world.step('teardown', cwd, { inputs });
  world.storage.faults.clear();
  expect(code).toBe(1);
  expect(log).toContain('Failed to save state');
  expect(log).not.toContain('Try 1 of 3');
  expect(log.match(/terraform_data\.one: Destruction complete/g)).toHaveLength(1);
  expect(await world.object('lost/staging.tfstate')).toBe(before);
  expect(await world.object('lost/staging.tfstate.errored')).toContain('"environment":"staging"');
});

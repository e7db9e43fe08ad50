import { afterAll, beforeAll, expect, test } from 'vitest';
import { backend, type TerraformWorld, terraformWorld } from '../../sandbox/terraform-world.ts';

let world: TerraformWorld;
beforeAll(async () => {
  world = await terraformWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

const inputs = { confirm: 'staging', 'cloudflare-api-token': 'not asked for: there is no cluster' };
const command =
  'with the input "recover" of teardown, or with "npm run slipway -- teardown staging --confirm staging --recover"';

test('a destroy whose state cannot be uploaded is not tried again over the state from before', async () => {
  const cwd = await world.checkout('lost', `${backend}\nresource "terraform_data" "one" {}\n`);
  expect((await world.step('apply', cwd)).code).toBe(0);
  const before = await world.object('lost/staging.tfstate');
  world.storage.faults.schedule({
    ...{ method: 'PUT', path: '/lost/staging\\.tfstate(\\?.*)?$', times: 100 },
    effect: { kind: 'status', status: 403 },
  });
  const { code, log } = await world.step('teardown', cwd, { inputs });
  world.storage.faults.clear();
  expect(code).toBe(1);
  expect(log).toContain('Failed to save state');
  expect(log).not.toContain('Try 1 of 3');
  expect(log.match(/terraform_data\.one: Destruction complete/g)).toHaveLength(1);
  expect(await world.object('lost/staging.tfstate')).toBe(before);
  expect(await world.object('lost/staging.tfstate.errored')).toContain('"environment":"staging"');
  expect(log).toContain(`nothing is applied until it is put back ${command}`);

  const blocked = await world.step('teardown', cwd, { inputs });
  expect(blocked.annotations.at(-1)?.message).toContain(`put it back ${command}`);
  const recovered = await world.step('teardown', cwd, { inputs: { ...inputs, recover: 'true' } });
  expect(recovered.code, recovered.log).toBe(0);
  expect(recovered.log).toContain('The state of staging that could not be uploaded at ');
  expect(recovered.log).not.toContain('Creation complete');
  expect(recovered.outputs).toEqual({ leftovers: '[]', dumps: '[]' });
  expect(JSON.parse((await world.object('lost/staging.tfstate')) ?? '').resources).toEqual([]);
  expect(await world.object('lost/staging.tfstate.errored')).toBeUndefined();
  expect(await world.object('lost/staging.tfstate.tflock')).toBeUndefined();
});

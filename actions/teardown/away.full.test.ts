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

test('what a destroy could keep nowhere is a file for the workflow to keep, and it says how to go on', async () => {
  const cwd = await world.checkout(
    'away',
    `${backend}
resource "terraform_data" "slow" {
  provisioner "local-exec" {
    when    = destroy
    command = "sleep 2"
  }
}
resource "terraform_data" "one" {
  depends_on = [terraform_data.slow]
}
`,
  );
  expect((await world.step('apply', cwd)).code).toBe(0);
  const failed = await world.step('teardown', cwd, {
    inputs,
    onLine: (line, main) => {
      if (line.includes('The sealed state, to be saved as')) world.storage.faults.clear();
      if (!line.includes('one: Destruction complete')) return;
      const path = '/away/';
      world.storage.faults.schedule({ path, times: 1_000_000, effect: { kind: 'reset-before' } });
      main.kill('SIGINT'); // so that the bucket is not waited for
    },
  });
  expect(failed.code, failed.log).toBe(1);
  expect(failed.outputs['errored-state'], failed.log).toBe('staging.errored.json');
  expect(failed.log).toContain(`until it is put back ${command}, from the folder with this file`);
  expect(await world.object('away/staging.tfstate.errored')).toContain('"operation":"destroy"');
});

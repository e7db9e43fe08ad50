import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { backend, type TerraformWorld, terraformWorld } from '../../sandbox/terraform-world.ts';
import { target } from '../platform/platform.ts';
import { terminalRunner } from '../runner/terminal.ts';
import { type Terraform, terraform } from './client.ts';

const module = `${backend}
variable "environment" {}
variable "size" { default = 1 }
resource "terraform_data" "many" {
  count = var.size
  input = var.environment
}
output "environment" { value = var.environment }
output "hidden" {
  value     = "top-secret-value"
  sensitive = true
}
`;

let world: TerraformWorld;
beforeAll(async () => {
  world = await terraformWorld();
  for (const [name, value] of Object.entries(world.environment)) vi.stubEnv(name, value);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await world?.[Symbol.asyncDispose]();
});

/** Terraform for an environment of a checkout, and what it has printed so far. */
async function opened(cwd: string, environment = 'staging') {
  const out = new PassThrough();
  const runner = terminalRunner(out as unknown as NodeJS.WriteStream);
  const platformFile = join(cwd, 'platform.yaml');
  const client: Terraform = await terraform(runner, {
    target: await target(platformFile, environment),
    platformFile,
    directory: join(cwd, 'terraform'),
    credentials: world,
  });
  await client.init();
  return { client, printed: () => String(out.read() ?? ''), [Symbol.asyncDispose]: () => runner.close() };
}

test('two environments of one checkout run side by side, each in a state of its own, and are taken down', async () => {
  const cwd = await world.checkout('sides', module);
  await Promise.all(
    ['staging', 'production'].map(async environment => {
      await using side = await opened(cwd, environment);
      const { client } = side;
      expect(await client.resources()).toEqual([]);
      expect(await client.outputs()).toEqual({});

      await client.apply(await client.plan({ variables: { size: '3' } }));
      expect(await client.outputs()).toEqual({ environment });
      expect(await client.resources()).toEqual([0, 1, 2].map(index => `terraform_data.many[${index}]`));

      await client.forget(['terraform_data.many[1]', 'terraform_data.many[2]']);
      const destroy = await client.plan({ destroy: true });
      expect(destroy.plan.counts.destroy).toBe(1);
      expect([...destroy.secrets]).toEqual(['top-secret-value']);
      await client.apply(destroy);
      expect(await client.resources()).toEqual([]);
      expect(side.printed()).toContain('terraform_data.many[0]: Destruction complete');
    }),
  );
});

test('a lock that somebody holds is waited for, then explained; a plan that does not write asks for none', async () => {
  const cwd = await world.checkout('held', module);
  const lock = {
    ID: '2b3c',
    Operation: 'OperationTypeApply',
    Who: 'ann@laptop',
    Created: '2026-11-23T07:00:01.2Z',
  };
  await world.object('held/staging.tfstate.tflock', JSON.stringify(lock));
  await using side = await opened(cwd);
  await expect(side.client.plan({ lockSeconds: 0 })).rejects.toThrow(
    'The state is locked by ann@laptop since 2026-11-23 07:00 UTC (apply, lock 2b3c): wait until that run has ended',
  );
  expect((await side.client.plan({ lock: false })).plan.counts.create).toBe(1);
});

test('a saved plan is applied only to the state that it was made for', async () => {
  const cwd = await world.checkout('stale', module);
  await using side = await opened(cwd);
  const [first, second] = [await side.client.plan(), await side.client.plan({ variables: { size: '2' } })];
  expect(first.file).not.toBe(second.file);
  await side.client.apply(second);
  await expect(side.client.apply(first)).rejects.toThrow('Saved plan is stale');
});

test('a committed lock file of providers is obeyed and left as it is', async () => {
  const cwd = await world.checkout('pinned');
  await world.edit(cwd, 'platform.yaml', 'name: pinned', 'name: pinned # with a lock file');
  const file = join(cwd, 'terraform', '.terraform.lock.hcl');
  await using before = await opened(cwd);
  expect(before.printed()).toContain('run "terraform providers lock" and commit it');
  const locked = await readFile(file, 'utf8');
  await using after = await opened(cwd);
  expect(after.printed()).not.toContain('providers lock');
  expect(await readFile(file, 'utf8')).toBe(locked);
});

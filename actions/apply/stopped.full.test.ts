import { expect, test } from 'vitest';
import { backend, terraformWorld } from '../../sandbox/terraform-world.ts';

const slow = `${backend}
resource "terraform_data" "quick" {}
resource "terraform_data" "slow" {
  depends_on = [terraform_data.quick]
  provisioner "local-exec" { command = "sleep 2" }
}
resource "terraform_data" "last" {
  depends_on = [terraform_data.slow]
}
`;

test('a cancelled apply ends in its own time: state written, lock free, the next one converges', async () => {
  await using world = await terraformWorld();
  const cwd = await world.checkout('cancelled', slow);
  const cancelled = await world.step('apply', cwd, {
    onLine: (line, main) => {
      // As the runner does it: SIGINT, and SIGTERM before Terraform has ended.
      if (!line.includes('terraform_data.quick: Creation complete')) return;
      main.kill('SIGINT');
      main.kill('SIGTERM');
    },
  });
  expect(cancelled.code).toBe(1);
  expect(cancelled.annotations.at(-2)?.message).toContain('Stopped on request: terraform apply');
  expect(await world.object('cancelled/staging.tfstate')).toContain('"name": "quick"');
  expect(await world.object('cancelled/staging.tfstate.tflock')).toBeUndefined();

  const next = await world.step('apply', cwd);
  expect(next.code, next.log).toBe(0);
  expect((await world.step('plan', cwd)).outputs.changes).toBe('false');
});

test('an apply that is told to stop and has done everything says that it has', async () => {
  await using world = await terraformWorld();
  const cwd = await world.checkout('late', slow);
  const late = await world.step('apply', cwd, {
    // Only writing the state is left, and that takes its time.
    onLine: (line, main) => {
      if (line.includes('terraform_data.slow: Creation complete'))
        world.storage.faults.schedule({
          ...{ method: 'PUT', path: '/late/staging\\.tfstate(\\?.*)?$', times: 100 },
          effect: { kind: 'delay', milliseconds: 1500 },
        });
      if (line.includes('terraform_data.last: Creation complete')) main.kill('SIGINT');
    },
  });
  expect(late.code, late.log).toBe(0);
  expect(late.log).toContain('staging: 3 created, 0 updated, 0 replaced, 0 destroyed');
  expect(late.annotations.filter(({ level }) => level === 'error')).toEqual([]);
  expect(late.outputs.changed).toBe('true');
  expect((await world.step('plan', cwd)).outputs.changes).toBe('false');
});

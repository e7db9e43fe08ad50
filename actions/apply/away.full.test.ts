import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { backend, type TerraformWorld, terraformWorld } from '../../sandbox/terraform-world.ts';

/* A bucket that cannot be reached any more, from the moment when an apply has changed something. */

let world: TerraformWorld;
beforeAll(async () => {
  world = await terraformWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

const secret = 'correct-horse-battery-staple';
const module = `${backend}
resource "terraform_data" "one" {
  input = sensitive("${secret}")
}
resource "terraform_data" "two" {
  depends_on = [terraform_data.one]
  # The state is written after this: what happens when the first one is there happens before.
  provisioner "local-exec" { command = "sleep 2" }
}
`;

/** Takes the bucket away from one environment. */
const unreachable = (name: string) =>
  world.storage.faults.schedule({ path: `/${name}/`, times: 1_000_000, effect: { kind: 'reset-before' } });

/** What must be true as long as the state is kept: sealed wherever it is, and never in clear. */
async function kept(cwd: string, log: string): Promise<void> {
  expect(log).not.toContain(secret);
  expect(await readdir(join(cwd, 'terraform'))).not.toContain('errored.tfstate');
}

test('a state that cannot be kept in the bucket is a sealed file, the lock stays, and the file puts both right', async () => {
  const cwd = await world.checkout('away', module);
  const key = 'away/staging.tfstate';
  const failed = await world.step('apply', cwd, {
    onLine: line => {
      if (line.includes('one: Creation complete')) unreachable('away');
    },
  });
  expect(failed.code).toBe(1);
  await kept(cwd, failed.log);
  expect(failed.outputs['errored-state']).toBe('staging.errored.json');
  const file = join(cwd, 'staging.errored.json');
  expect(await readFile(file, 'utf8')).not.toContain(secret);
  expect(failed.annotations.map(({ message }) => message)).toContainEqual(
    expect.stringContaining('kept sealed as staging.errored.json, and the lock stays'),
  );

  world.storage.faults.clear();
  expect(await world.object(`${key}.tflock`)).toContain('OperationTypeApply');
  expect(await world.object(key)).toBeUndefined();

  // The runner's machine is gone; somebody copies the state out of the log.
  await rm(file);
  const lines = failed.log.split('\n');
  const from = lines.findIndex(line =>
    line.startsWith('The sealed state, to be saved as staging.errored.json'),
  );
  const printed = lines.slice(from + 1).filter(line => /^[\w+/=]{100,}$/.test(line));
  await writeFile(file, printed.map(line => `2026-11-26T20:00:00.1234567Z ${line}`).join('\r\n'));
  const recovered = await world.step('apply', cwd, { inputs: { recover: 'true' } });
  expect(recovered.code, recovered.log).toBe(0);
  expect(recovered.log).toContain('staging: no changes');
  expect(await world.object(key)).toContain('"name": "one"');
  expect(await world.object(`${key}.tflock`)).toBeUndefined();
  expect(await readdir(cwd)).not.toContain('staging.errored.json');
});

test('what main was killed over, the clean-up does: the state is sealed and in the bucket, the lock free', async () => {
  const cwd = await world.checkout('killed', module);
  const key = 'killed/staging.tfstate';
  const killed = await world.step('apply', cwd, {
    onLine: (line, main) => {
      if (!line.includes('one: Creation complete')) return;
      world.storage.faults.schedule({
        ...{ method: 'PUT', path: '/killed/staging\\.tfstate(\\?.*)?$', times: 100 },
        effect: { kind: 'status', status: 403 },
      });
      main.kill('SIGKILL');
    },
  });
  await kept(cwd, killed.log);
  world.storage.faults.clear();
  expect(killed.log).toContain('Failed to save state');
  expect(killed.log).toContain('It is kept sealed in the bucket');
  expect(await world.object(`${key}.errored`)).toContain('"environment":"staging"');
  expect(await world.object(`${key}.tflock`)).toBeUndefined();
  const recovered = await world.step('apply', cwd, { inputs: { recover: 'true' } });
  expect(recovered.code, recovered.log).toBe(0);
  expect(recovered.log).toMatch(/The state of staging that could not be uploaded at .* is back/);
  // The clean-up stopped the second half-way; the first is known again, and not made anew.
  expect(recovered.log).not.toContain('terraform_data.one: ');
});

test('a bucket that comes back within a minute has the state in the end', async () => {
  const cwd = await world.checkout('back', module);
  const failed = await world.step('apply', cwd, {
    onLine: line => {
      if (line.includes('one: Creation complete')) unreachable('back');
      if (line.startsWith('keeping the state, which could not be uploaded')) world.storage.faults.clear();
    },
  });
  expect(failed.code).toBe(1);
  await kept(cwd, failed.log);
  expect(failed.log).toContain('It is kept sealed in the bucket');
  expect(failed.outputs['errored-state']).toBeUndefined();
  expect(await world.object('back/staging.tfstate.errored')).toContain('"environment":"staging"');
  expect(await world.object('back/staging.tfstate.tflock')).toBeUndefined();
});

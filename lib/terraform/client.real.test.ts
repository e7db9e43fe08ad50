import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { setGlobalProxyFromEnv } from 'node:http';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { backend, type TerraformWorld, terraformWorld } from '../../sandbox/terraform-world.ts';
import { target } from '../platform/platform.ts';
import { terminalRunner } from '../runner/terminal.ts';
import { bucket } from './bucket.ts';
import { type Terraform, terraform } from './client.ts';
import { stateLocation } from './state.ts';

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
let restore: (() => void) | undefined;
beforeAll(async () => {
  world = await terraformWorld();
  for (const [name, value] of Object.entries(world.environment)) vi.stubEnv(name, value);
  // What a process of its own would do at its start.
  restore = setGlobalProxyFromEnv(world.environment);
  const trusted = await readFile(world.environment.NODE_EXTRA_CA_CERTS ?? '', 'utf8');
  setDefaultCACertificates([...getCACertificates('default'), trusted]);
});
afterAll(async () => {
  restore?.();
  vi.unstubAllEnvs();
  await world?.[Symbol.asyncDispose]();
});

/** Terraform for an environment of a checkout, and what it has printed so far. */
async function opened(cwd: string, environment = 'staging') {
  const out = new PassThrough();
  const runner = terminalRunner(out as unknown as NodeJS.WriteStream);
  const platformFile = join(cwd, 'platform.yaml');
  const options = {
    target: await target(platformFile, environment),
    platformFile,
    directory: join(cwd, 'terraform'),
    credentials: { key: world.key, secret: world.secret },
  };
  const state = stateLocation(options.target);
  const client: Terraform = await terraform(runner, options, { state, bucket: bucket(state, world) });
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

      await client.locked('apply', async ({ apply, forget }) => {
        await apply(await client.plan({ variables: { size: '3' } }));
        expect(await client.outputs()).toEqual({ environment });
        const addresses = [0, 1, 2].map(index => `terraform_data.many[${index}]`);
        expect((await client.resources()).map(({ address }) => address)).toEqual(addresses);

        await forget(['terraform_data.many[1]', 'terraform_data.many[2]']);
        const destroy = await client.plan({ destroy: true });
        expect(destroy.plan.counts.destroy).toBe(1);
        expect([...destroy.secrets]).toEqual(['top-secret-value', world.key, world.secret]);
        await apply(destroy);
        expect(await client.resources()).toEqual([]);
        expect(side.printed()).toContain('terraform_data.many[0]: Destruction complete');
      });
      expect(await world.object(`sides/${environment}.tfstate.tflock`)).toBeUndefined();
    }),
  );
});

test('who changes the state has it alone: a second one waits, and Terraform by hand is refused', async () => {
  const cwd = await world.checkout('alone', module);
  await using one = await opened(cwd);
  await using other = await opened(cwd);
  const order: string[] = [];
  let second: Promise<void> | undefined;
  await one.client.locked('apply', async ({ apply }) => {
    second = other.client.locked('apply', async () => void order.push('second'));
    await apply(await one.client.plan());
    await expect(world.byHand(cwd, ['plan', '-lock-timeout=0s'])).rejects.toThrow(
      /Error acquiring the state lock[\s\S]*OperationTypeApply/,
    );
    expect((await one.client.plan()).plan.counts.create).toBe(0); // reading takes no lock
    order.push('first');
  });
  await second;
  expect(order).toEqual(['first', 'second']);
  expect(other.printed()).toMatch(/The state is locked by \S+@\S+ since .* \(apply, lock /);
});

test('a lock of ours can be released by hand, with the command that we name', async () => {
  const cwd = await world.checkout('forced', module);
  await using side = await opened(cwd);
  await side.client.locked('apply', async () => {
    const lock = JSON.parse((await world.object('forced/staging.tfstate.tflock')) ?? '') as { ID: string };
    await world.byHand(cwd, ['force-unlock', '-force', lock.ID]);
    expect(await world.object('forced/staging.tfstate.tflock')).toBeUndefined();
  });
  expect(side.printed()).toContain('was taken off by somebody while it was needed');
});

test('a saved plan is applied only to the state that it was made for', async () => {
  const cwd = await world.checkout('stale', module);
  await using side = await opened(cwd);
  await side.client.locked('apply', async ({ apply }) => {
    const [first, second] = [await side.client.plan(), await side.client.plan({ variables: { size: '2' } })];
    expect(first.file).not.toBe(second.file);
    await apply(second);
    await expect(apply(first)).rejects.toThrow('Saved plan is stale');
  });
});

test('the binding says what a plan is made with: another state, Terraform or lock file is another binding', async () => {
  const cwd = await world.checkout('bound', module);
  await using side = await opened(cwd);
  const before = await side.client.binding('acme/shop#7');
  expect(before).toEqual({
    pullRequest: 'acme/shop#7',
    environment: 'staging',
    backend: 'https://sos-ch-gva-2.exo.io/acme-terraform-state/bound/staging.tfstate',
    lineage: 'none',
    terraformVersion: expect.stringMatching(/^1\.\d+\.\d+/),
    lockFile: 'none',
  });
  await side.client.locked('apply', async ({ apply }) => apply(await side.client.plan()));
  const { lineage } = JSON.parse((await world.object('bound/staging.tfstate')) ?? '') as { lineage: string };
  expect(await side.client.binding('acme/shop#7')).toEqual({ ...before, lineage });
  const lock = '# nothing is locked\n';
  await writeFile(join(cwd, 'terraform', '.terraform.lock.hcl'), lock);
  await side.client.init();
  expect(await side.client.binding('acme/shop#7')).toMatchObject({
    lockFile: createHash('sha256').update(lock).digest('hex'),
  });
});

test('a committed lock file of providers is obeyed and left as it is', async () => {
  const cwd = await world.checkout('pinned');
  await world.edit(cwd, 'platform.yaml', 'name: pinned', 'name: pinned # with a lock file');
  const file = join(cwd, 'terraform', '.terraform.lock.hcl');
  await using before = await opened(cwd);
  expect(before.printed()).toContain('providers lock -platform=linux_amd64');
  const locked = await readFile(file, 'utf8');
  await using after = await opened(cwd);
  expect(after.printed()).not.toContain('providers lock');
  expect(await readFile(file, 'utf8')).toBe(locked);
});

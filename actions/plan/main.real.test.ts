import { afterAll, beforeAll, expect, test } from 'vitest';
import { backend, type TerraformWorld, terraformWorld } from '../../sandbox/terraform-world.ts';

let world: TerraformWorld;
beforeAll(async () => {
  world = await terraformWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

test('a first plan says what there will be, and writes nothing anywhere', async () => {
  const cwd = await world.checkout('shop');
  const { code, log, outputs, summary, annotations } = await world.step('plan', cwd);
  expect(code, log).toBe(0);
  expect(outputs).toEqual({
    changes: 'true',
    create: '12',
    update: '0',
    replace: '0',
    destroy: '0',
    summary: 'staging: 12 to create, 0 to update, 0 to replace, 0 to destroy, 5 changed outputs',
  });
  expect(log).toContain('+ exoscale_sks_cluster.platform\n');
  expect(summary).toContain(`### ${outputs.summary}\n`);
  expect(summary).toContain('```diff\n+ exoscale_anti_affinity_group.nodes\n');
  expect(annotations.filter(({ level }) => level !== 'notice')).toEqual([]);
  expect(annotations.map(({ message }) => message)).toContain(
    'The state acme-terraform-state/shop/staging.tfstate holds nothing yet: if staging exists already, this is not its state',
  );
  expect(world.writes()).toEqual([]);
  for (const key of ['slipway-lock-probe', 'shop/staging.tfstate', 'shop/staging.tfstate.tflock']) {
    expect(await world.object(key)).toBeUndefined();
  }
  expect(world.egress.refused).toEqual([]);
});

test('a secret is in nothing that is shown, also where Terraform forgets that it is one', async () => {
  const secret = 'correct-horse-battery';
  const cwd = await world.checkout(
    'secrets',
    `${backend}
variable "token" {
  sensitive = true
  default   = "${secret}"
}
resource "terraform_data" "marked" {
  input = var.token
}
resource "terraform_data" "copies" {
  input = {
    plain  = nonsensitive(var.token)
    inside = "https://user:\${nonsensitive(var.token)}@example.com"
    base64 = base64encode(nonsensitive(var.token))
    json   = jsonencode({ token = nonsensitive(var.token) })
  }
}
output "token" {
  value     = var.token
  sensitive = true
}
`,
  );
  for (const action of ['plan', 'apply', 'plan']) {
    const { code, log, summary, outputs } = await world.step(action, cwd);
    expect(code, log).toBe(0);
    for (const shown of [log, summary, JSON.stringify(outputs)]) {
      expect(shown).not.toContain(secret);
      expect(shown).not.toContain(Buffer.from(secret).toString('base64'));
    }
  }
});

test('a key that Exoscale does not accept is one sentence, at no line of the configuration', async () => {
  // Where nothing exists yet, a plan of resources asks Exoscale for nothing.
  const asking = `${backend}
terraform {
  required_providers {
    exoscale = { source = "exoscale/exoscale" }
  }
}
data "exoscale_security_group" "default" {
  name = "default"
}
`;
  const cwd = await world.checkout('stranger', asking);
  const { code, annotations } = await world.step('plan', cwd, { inputs: { 'exoscale-api-secret': 'wrong' } });
  expect(code).toBe(1);
  expect(annotations.filter(({ level }) => level === 'error')).toEqual([
    { level: 'error', message: expect.stringContaining('Exoscale does not accept the key') },
  ]);
});

test('a root module without a backend is refused: its state would go with the machine', async () => {
  const cwd = await world.checkout('homeless', 'resource "terraform_data" "one" {}\n');
  const { code, annotations } = await world.step('plan', cwd);
  expect(code).toBe(1);
  expect(annotations.at(-1)?.message).toContain('terraform has no backend for its state');
});

test('a mistake in the configuration is shown at its line, all of them at once', async () => {
  const cwd = await world.checkout(
    'mistakes',
    `${backend}
output "one" {
  value = local.nowhere
}
output "two" {
  value = var.nothing
}
`,
  );
  const { code, annotations, log } = await world.step('plan', cwd);
  expect(code).toBe(1);
  expect(annotations.filter(({ level }) => level === 'error')).toMatchObject([
    { file: 'terraform/main.tf', line: 15, message: expect.stringContaining('"nowhere"') },
    { file: 'terraform/main.tf', line: 18, message: expect.stringContaining('"nothing"') },
  ]);
  expect(log).not.toContain('bug');
});

test('a state that somebody has locked is planned nevertheless, with a word about who', async () => {
  const cwd = await world.checkout('locked', `${backend}\nresource "terraform_data" "one" {}\n`);
  const lock = {
    ID: '2b3c',
    Operation: 'OperationTypeApply',
    Who: 'ann@laptop',
    Created: '2026-11-23T07:00:01.2Z',
  };
  await world.object('locked/staging.tfstate.tflock', JSON.stringify(lock));
  const { code, annotations, outputs } = await world.step('plan', cwd);
  expect(code).toBe(0);
  expect(outputs.summary).toBe('staging: 1 to create, 0 to update, 0 to replace, 0 to destroy');
  expect(annotations).toContainEqual({
    level: 'warning',
    message:
      'The state of staging is locked by ann@laptop since 2026-11-23 07:00 UTC (apply, lock 2b3c): what is planned meanwhile may show half of it',
  });
});

test.each([
  ['no secret', { 'exoscale-api-secret': '' }, 'EXOSCALE_API_SECRET'],
  ['no such environment', { environment: 'stagin' }, 'did you mean "staging"?'],
  ['no such file', { platform: 'elsewhere.yaml' }, 'elsewhere.yaml does not exist'],
  ['a name that every object has', { environment: 'constructor' }, 'no environment "constructor"'],
  ['no such folder', { directory: 'nowhere' }, 'nowhere'],
  ['a file for a folder', { directory: 'platform.yaml' }, 'The folder "platform.yaml" does not exist'],
  ['a key that could be guessed', { 'review-key': 'short' }, 'has 5 characters and could be guessed'],
  ['a pattern that no address fits', { protect: 'a.b, foo[' }, 'Input "protect" has "foo["'],
])('%s is one sentence, and nothing is asked of anybody', async (_, inputs, sentence) => {
  const cwd = await world.checkout('sentences');
  const before = world.exoscale.requests.length;
  const { code, annotations, stdout } = await world.step('plan', cwd, { inputs });
  expect(code).toBe(1);
  expect(annotations).toEqual([
    expect.objectContaining({ level: 'error', message: expect.stringContaining(sentence) }),
  ]);
  expect(stdout).not.toContain('bug in Slipway');
  expect(stdout.replace(/^::add-mask::.*$/gm, '')).not.toContain(world.secret);
  expect(world.exoscale.requests).toHaveLength(before);
});

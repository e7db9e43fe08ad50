import { afterAll, beforeAll, expect, test } from 'vitest';
import { backend, type TerraformWorld, terraformWorld } from '../../sandbox/terraform-world.ts';

let world: TerraformWorld;
beforeAll(async () => {
  world = await terraformWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

test('a plan that fails and quotes a secret of the state shows it nowhere', async () => {
  const secret = 'correct-horse-battery-staple';
  const kept = `${backend}
resource "terraform_data" "one" {
  input = sensitive("${secret}")
}
`;
  const cwd = await world.checkout('quoted', kept);
  expect((await world.step('apply', cwd)).code).toBe(0);
  const quoting = `
resource "terraform_data" "two" {
  lifecycle {
    precondition {
      condition     = length(terraform.workspace) > 40
      error_message = "Too weak: \${nonsensitive(terraform_data.one.output)}, \${base64encode(nonsensitive(terraform_data.one.output))}."
    }
  }
}
`;
  await world.edit(cwd, 'terraform/main.tf', kept, kept + quoting);
  const { code, log, summary, annotations } = await world.step('plan', cwd);
  expect(code).toBe(1);
  expect(annotations.at(-1)?.message).toContain('Too weak: ***, ***.');
  for (const shown of [log, summary]) {
    expect(shown).not.toContain(secret);
    expect(shown).not.toContain(Buffer.from(secret).toString('base64'));
  }
});

test('a file that is not formatted gets a warning at its line, with the command that mends it, and is planned', async () => {
  const cwd = await world.checkout('unformatted', `${backend.trim()}\n\nlocals {\na=1\n}\n`);
  const { code, annotations } = await world.step('plan', cwd);
  expect(code).toBe(0);
  expect(annotations.filter(({ level }) => level === 'warning')).toEqual([
    {
      ...{ level: 'warning', file: 'terraform/main.tf', line: 14 },
      message:
        'This is not as Terraform formats it: run "terraform fmt -recursive terraform" and commit what it changes',
    },
  ]);
});

test('a broken precondition is an annotation where it stands, in its own words', async () => {
  const precondition = `
resource "terraform_data" "one" {
  lifecycle {
    precondition {
      condition     = length(terraform.workspace) > 40
      error_message = "The name is too short: take a longer one."
    }
  }
}
`;
  const cwd = await world.checkout('crowded', `${backend}\n${precondition}`);
  const { code, annotations } = await world.step('plan', cwd);
  expect(code).toBe(1);
  expect(annotations.find(({ level }) => level === 'error')).toMatchObject({
    file: 'terraform/main.tf',
    message: expect.stringContaining('The name is too short: take a longer one.'),
  });
});

test('a key that Exoscale does not take any more is one sentence, at no line of the configuration', async () => {
  const cwd = await world.checkout('stranger');
  expect((await world.step('apply', cwd)).code).toBe(0); // a first plan asks Exoscale for nothing
  const { code, annotations } = await world.step('plan', cwd, { inputs: { 'exoscale-api-secret': 'wrong' } });
  expect(code).toBe(1);
  expect(annotations.filter(({ level }) => level === 'error')).toEqual([
    { level: 'error', message: expect.stringContaining('Exoscale does not accept the key') },
  ]);
});

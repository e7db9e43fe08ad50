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

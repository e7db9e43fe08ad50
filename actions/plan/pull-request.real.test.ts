import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TerraformWorld, terraformWorld } from '../../sandbox/terraform-world.ts';
import { mutations, reviewed } from '../../scripts/testing/reviewed.ts';

let world: TerraformWorld;
beforeAll(async () => {
  world = await terraformWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

test('the plans of all environments stand in one comment, each with its commit and what apply compares with', async () => {
  const { plan, comments, section, head } = await reviewed(world, 'reviewed');
  await plan('staging', { 'dry-run': 'true' });
  expect(await comments()).toEqual([]);

  const both = await Promise.all([plan('staging'), plan('production')]);
  for (const { code, log } of both) expect(code, log).toBe(0);
  const [body = '', ...others] = await comments();
  expect(others).toEqual([]);
  expect(body).toContain('### staging: 1 to create, 0 to update, 0 to replace, 0 to destroy');
  expect(body).toContain('### production: 1 to create, 0 to update, 0 to replace, 0 to destroy');
  expect(body).toContain('+ terraform_data.many[0]\n+   input = "staging"\n');
  expect(body).toContain(
    `commit ${head().slice(0, 7)} · [the run](https://github.com/acme/reviewed/actions/runs/77)`,
  );
  for (const environment of ['staging', 'production'])
    expect(await section(environment)).toMatchObject({
      commit: head(),
      data: expect.stringMatching(/^[\w-]{100,}\.[\w-]+$/),
    });

  const from = world.github.requests.length;
  const { code, log } = await plan('staging');
  expect(code, log).toBe(0);
  expect(mutations(world, from)).toEqual([]);
  expect(new Set(world.github.requests.slice(from).map(({ method, url }) => `${method} ${url}`))).toEqual(
    new Set(['POST /graphql']),
  );
  expect(world.github.complaints).toEqual([]);
});

test.runIf(process.platform === 'linux')(
  'a configuration that reads the environment of Terraform shows no key of ours in the comment',
  async () => {
    const { plan, section, cwd } = await reviewed(world, 'environ');
    const reading = 'input = split("\\u0000", file("/proc/self/environ"))';
    await world.edit(cwd, 'terraform/main.tf', 'input = var.environment', reading);
    expect((await plan('staging')).code).toBe(0);
    const body = (await section('staging'))?.body ?? '';
    expect(body).toContain('EXOSCALE_API_SECRET=***');
    expect(body).not.toContain(world.secret);
  },
);

test('without a review-key, and without a token, one notice each says what is missing', async () => {
  const { plan, section } = await reviewed(world, 'keyless');
  const notices = async (inputs: Record<string, string>) =>
    (await plan('staging', inputs)).annotations
      .map(({ message }) => message)
      .filter(message => message.includes('without the input') || message.includes('Without the input'));
  expect(await notices({ 'review-key': '' })).toEqual([
    expect.stringContaining('Without the input review-key'),
  ]);
  expect(await section('staging')).not.toHaveProperty('data');
  expect(await notices({ 'github-token': '' })).toEqual([
    expect.stringContaining('There is no comment on the pull request without the input github-token'),
  ]);
});

test('a token that may not comment fails at once, before anything is planned', async () => {
  const { plan } = await reviewed(world, 'forbidden');
  const errors = [{ type: 'FORBIDDEN', message: 'Resource not accessible by integration' }];
  world.github.faults.schedule({
    path: '/graphql',
    effect: { kind: 'status', status: 200, body: { errors } },
  });
  const { code, annotations, log } = await plan('staging');
  expect(code).toBe(1);
  expect(annotations).toEqual([
    { level: 'error', message: expect.stringContaining('permissions: { pull-requests:') },
  ]);
  expect(log).not.toContain('Prepare Terraform');
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TerraformWorld, terraformWorld } from '../../sandbox/terraform-world.ts';
import { mutations, reviewed } from '../../scripts/testing/reviewed.ts';

let world: TerraformWorld;
beforeAll(async () => {
  world = await terraformWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

test('a new commit: the old plan is taken back as soon as the new one begins; one that fails says so', async () => {
  const { plan, comments, section, head, push, cwd } = await reviewed(world, 'pushed');
  await Promise.all([plan('staging'), plan('production')]);
  const old = head();
  await push('two');
  let during: string[] | undefined;
  const from = world.github.requests.length;
  const second = await plan(
    'staging',
    {},
    {
      onLine(line: string) {
        if (line.includes('Prepare Terraform') && !during) during = mutations(world, from);
      },
    },
  );
  expect(second.code, second.log).toBe(0);
  expect(during).toEqual(['updateIssueComment']);
  const anew = world.github.requests.slice(from).find(({ body }) => body.includes('being planned anew'));
  expect(anew?.body).toContain(
    `### staging: being planned anew\\n\\ncommit ${head().slice(0, 7)} · [the run]`,
  );
  expect(anew?.body).not.toContain('staging: 1 to create');
  const note = `What follows was made for commit ${old.slice(0, 7)}. The pull request is at ${head().slice(0, 7)} by now.`;
  const [body = ''] = await comments();
  expect(body.split(note)).toHaveLength(2);
  expect(body.indexOf(note)).toBeLessThan(body.indexOf('### production'));
  expect(body.indexOf('### production')).toBeLessThan(body.indexOf('### staging: 1 to create'));

  // A job for the old commit that is late leaves the new plan alone.
  const newer = await section('staging');
  expect((await plan('staging', {}, {}, old)).code).toBe(0);
  expect(await section('staging')).toEqual(newer);

  await world.edit(cwd, 'terraform/main.tf', 'default = 1', 'default = nowhere');
  expect((await plan('production')).code).toBe(1);
  expect(await section('production')).toEqual({
    body: `### production: the plan failed\n\ncommit ${head().slice(0, 7)} · [the run](https://github.com/acme/pushed/actions/runs/77)`,
    commit: head(),
  });
  expect((await comments())[0]).not.toContain('[!NOTE]');

  await push('three');
  expect((await plan('staging', { platform: 'nowhere.yaml' })).code).toBe(1);
  expect((await section('staging'))?.body).toMatch(/^### staging: the plan failed/);
  expect(world.github.complaints).toEqual([]);
});

test('a plan that breaks a rule is shown with what it breaks above the fold, and then fails the job', async () => {
  const { plan, section, cwd } = await reviewed(world, 'ruled');
  expect((await world.step('apply', cwd)).code).toBe(0);
  await world.edit(cwd, 'terraform/main.tf', 'default = 1', 'default = 0');
  await world.edit(
    cwd,
    'platform.yaml',
    '  staging:\n',
    '  staging:\n    protect: [terraform_data.many]\n    max-destroys: 0\n',
  );
  const { code, annotations, summary, log, outputs } = await plan('staging');
  expect(code).toBe(1);
  expect(outputs).toMatchObject({ changes: 'true', destroy: '1' });
  const errors = annotations.filter(({ level }) => level === 'error').map(({ message }) => message);
  expect(errors).toEqual([
    expect.stringContaining('terraform_data.many[0]'),
    expect.stringContaining('max-destroys'),
  ]);
  expect(log).toContain('- terraform_data.many[0]');
  const body = (await section('staging'))?.body ?? '';
  for (const shown of [summary, body]) {
    expect(shown).toMatch(
      /^### staging: .*1 to destroy\n\n> \[!CAUTION\]\n> \*\*This must not be applied: it breaks 2 rules\.\*\*\n>\n> - `terraform_data\.many\[0\]/,
    );
    expect(shown).toContain('- terraform_data.many[0]  # destroyed');
  }
});

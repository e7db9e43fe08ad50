import { getOctokit } from '@actions/github';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { backend, type TerraformWorld, terraformWorld } from '../../sandbox/terraform-world.ts';

let world: TerraformWorld;
beforeAll(async () => {
  world = await terraformWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

const module = `${backend}
variable "environment" {}
resource "terraform_data" "many" {
  count = 3
  input = "as applied"
}
`;

/** An applied environment, and its schedule. */
async function scheduled(name: string, root = module) {
  const cwd = await world.checkout(name, root);
  const repository = `acme/${name}`;
  await world.github.seed({ [repository]: cwd });
  const token = world.github.token('github-actions[bot]');
  const octokit = getOctokit(token, { baseUrl: world.github.url });
  const place = { owner: 'acme', repo: name };
  const applied = await world.step('apply', cwd);
  expect(applied.code, applied.log).toBe(0);
  let run = 0;
  return {
    ...{ cwd, octokit, place },
    edit: (from: string, to: string) => world.edit(cwd, 'terraform/main.tf', from, to),
    drift: (inputs: Record<string, string> = {}) =>
      world.step('plan', cwd, {
        inputs: { drift: 'true', 'github-token': token, ...inputs },
        github: { repository, event: 'schedule', sha: 'a'.repeat(40), runId: String(++run) },
      }),
    issues: async () =>
      (await octokit.rest.issues.listForRepo({ ...place, state: 'all' })).data.map(
        ({ number, title, state, body }) => ({ number, title, state, body: body ?? '' }),
      ),
  };
}

const writes = (from: number) =>
  world.github.requests
    .slice(from)
    .filter(({ method, url }) => method !== 'GET' && url !== '/graphql')
    .map(({ method, url }) => `${method} ${url}`);

test('one issue an environment: opened, left as it is, brought up to date, closed, opened again', async () => {
  const { drift, edit, issues } = await scheduled('drifted');
  const begin = world.github.requests.length;
  const none = await drift();
  expect(none.code, none.log).toBe(0);
  expect(none.log).toContain('staging has not drifted');
  expect(await issues()).toEqual([]);

  await edit('as applied', 'as merged');
  const opened = await drift();
  expect(opened.code, opened.log).toBe(0);
  expect(opened.outputs).toMatchObject({ changes: 'true', update: '3' });
  expect(opened.log).toMatch(/Terraform: staging has drifted; issue #1 \(https:\S+\) is opened/);
  const [issue, ...others] = await issues();
  expect(others).toEqual([]);
  expect(issue).toMatchObject({ title: 'Drift: staging', state: 'open' });
  expect(issue?.body).toContain('### staging: 0 to create, 3 to update');
  expect(issue?.body).toContain('"as applied"');
  expect(issue?.body).toContain('commit aaaaaaa · [the run](https://github.com/acme/drifted/actions/runs/2)');

  const from = world.github.requests.length;
  expect((await drift()).log).toContain('says it already');
  expect(writes(from)).toEqual([]);

  await edit('count = 3', 'count = 2');
  expect((await drift()).log).toContain('brought up to date');
  expect((await issues())[0]?.body).toContain('1 to destroy');

  await edit('as merged', 'as applied');
  await edit('count = 2', 'count = 3');
  const gone = await drift();
  expect(gone.log).toContain('is closed, for nothing has drifted any more');
  expect((await issues())[0]).toMatchObject({
    state: 'closed',
    body: expect.stringContaining('**Nothing has drifted any more.**'),
  });

  await edit('count = 3', 'count = 2');
  expect((await drift()).log).toContain('is opened again');
  expect(await issues()).toMatchObject([{ number: 1, state: 'open' }]);
  expect(writes(begin)).toEqual([
    'POST /repos/acme/drifted/issues',
    ...Array(3).fill('PATCH /repos/acme/drifted/issues/1'),
  ]);
  expect(world.github.complaints).toEqual([]);
});

const balancers = `${backend}
terraform {
  required_providers {
    exoscale = { source = "exoscale/exoscale" }
  }
}
resource "exoscale_nlb" "many" {
  count       = 3
  zone        = "ch-gva-2"
  name        = "by-hand-\${count.index}"
  description = "as applied"
}
`;

test('what was changed at Exoscale by hand is drift, rows that say the same are one, and what cannot be read is none', async () => {
  const { drift, issues } = await scheduled('by-hand', balancers);
  expect((await drift()).log).toContain('staging has not drifted');
  for (const balancer of world.exoscale.account.zones['ch-gva-2']?.loadBalancers ?? [])
    balancer.description = 'changed by hand';
  const found = await drift();
  expect(found.code, found.log).toBe(0);
  expect(found.outputs).toMatchObject({ changes: 'true', update: '3' });
  const [issue] = await issues();
  expect(issue?.body).toContain('3 changed outside of Terraform');
  expect(issue?.body).toMatch(
    /Changed outside of Terraform \(3\)<\/summary>[\s\S]*exoscale_nlb\.many\[0\] and 2 more like it/,
  );

  world.exoscale.faults.schedule({
    ...{ method: 'GET', path: '/load-balancer', times: 50 },
    effect: { kind: 'status', status: 403, body: { message: 'Forbidden' } },
  });
  const blind = await drift();
  world.exoscale.faults.clear();
  expect(blind.code).toBe(1);
  expect(blind.annotations.filter(({ level }) => level === 'error')).toMatchObject([
    ...Array(3).fill({ file: 'terraform/main.tf', message: expect.stringContaining('Forbidden') }),
    { message: expect.stringContaining('The Exoscale key may not read all that a plan has to') },
  ]);
  expect(await issues()).toEqual([issue]);
});

test('an error is no drift: a plan that fails, or that somebody is half-way through, leaves the issue as it is', async () => {
  const { drift, edit, issues } = await scheduled('failing');
  await edit('as applied', 'as merged');
  await drift();
  const before = await issues();
  await edit('count = 3', 'count = nowhere');
  expect((await drift()).code).toBe(1);
  await edit('count = nowhere', 'count = 3');
  await world.object('failing/staging.tfstate.tflock', JSON.stringify({ ID: '2b3c', Who: 'ann@laptop' }));
  const locked = await drift();
  expect(locked.code).toBe(1);
  expect(locked.annotations.at(-1)?.message).toContain('what is half-way through a change is no drift');
  expect(await issues()).toEqual(before);
});

test('dry-run leaves the issue as it is; a schedule without a token is refused before anything is planned', async () => {
  const { drift, edit, issues } = await scheduled('careful');
  await edit('as applied', 'as merged');
  const dry = await drift({ 'dry-run': 'true' });
  expect(dry.code).toBe(0);
  expect(dry.log).toContain('staging has drifted');
  expect(await issues()).toEqual([]);
  const without = await drift({ 'github-token': '' });
  expect(without.code).toBe(1);
  expect(without.annotations).toEqual([
    { level: 'error', message: expect.stringContaining('the input github-token is missing') },
  ]);
  expect(without.log).not.toContain('Prepare Terraform');
});

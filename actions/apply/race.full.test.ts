import { afterAll, beforeAll, expect, test } from 'vitest';
import { backend, type TerraformWorld, terraformWorld } from '../../sandbox/terraform-world.ts';

/* Two runs on one environment at the same time: one waits for the other, and what is there is what one after the other makes. */

let world: TerraformWorld;
beforeAll(async () => {
  world = await terraformWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

const module = `${backend}
resource "terraform_data" "one" {
  provisioner "local-exec" { command = "sleep 2" }
}
resource "terraform_data" "two" {
  depends_on = [terraform_data.one]
}
`;

const confirmed = { confirm: 'staging', 'cloudflare-api-token': 'none is asked' };
const inputs = (action: string) => ({ inputs: action === 'teardown' ? confirmed : {} });

/** What the state holds, its serial, and its lineage. */
async function state(name: string) {
  const { resources, serial, lineage } = JSON.parse((await world.object(`${name}/staging.tfstate`)) ?? '{}');
  const names = (resources as { name: string }[]).map(each => each.name).sort();
  return { names, serial: serial as number, lineage: lineage as string };
}

test.each([
  { name: 'race-a', before: [], both: ['apply', 'apply'], ends: [['one', 'two']] },
  { name: 'race-b', before: ['apply'], both: ['teardown', 'teardown'], ends: [[]] },
  { name: 'race-c', before: ['apply'], both: ['apply', 'teardown'], ends: [[], ['one', 'two']] },
])('$both at once after $before', async ({ name, before, both, ends }) => {
  const checkouts = await Promise.all([
    world.checkout(name, module),
    world.checkout(`${name}-again`, module),
  ]);
  // The same environment of the same platform, checked out twice.
  await world.edit(checkouts[1], 'platform.yaml', `name: ${name}-again`, `name: ${name}`);
  for (const action of before) expect((await world.step(action, checkouts[0], inputs(action))).code).toBe(0);
  const known = before.length > 0 ? (await state(name)).lineage : undefined;

  const results = await Promise.all(
    both.map((action, index) => world.step(action, checkouts[index] ?? '', inputs(action))),
  );
  for (const { code } of results) expect(code, results.map(each => each.log).join('\n---\n')).toBe(0);
  const waited = results.filter(({ log }) =>
    /The state is locked by octocat in acme\/platform since/.test(log),
  );
  expect(waited.length, 'at most one of two waits').toBeLessThan(2);
  const { names, lineage } = await state(name);
  expect(ends).toContainEqual(names);
  if (known) expect(lineage).toBe(known);
  for (const left of ['tflock', 'errored', 'unfinished'])
    expect(await world.object(`${name}/staging.tfstate.${left}`)).toBeUndefined();

  const next = await world.step('apply', checkouts[0]);
  expect(next.code, next.log).toBe(0);
  expect((await state(name)).names).toEqual(['one', 'two']);
});

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { caller, maker } from '../../sandbox/exoscale/testing.ts';
import { type TerraformWorld, terraformWorld } from '../../sandbox/terraform-world.ts';

/** What is in the zone under this name, without what belongs to others. */
const owned = (world: TerraformWorld, name: string) => {
  const {
    clusters = [],
    loadBalancers = [],
    databases = [],
    instances = [],
  } = world.exoscale.account.zones['ch-gva-2'] ?? {};
  const ours = <T extends { name: string }>(list: T[]) =>
    list.filter(each => each.name === `${name}-staging`);
  const [cluster] = ours(clusters);
  return { cluster, loadBalancers: ours(loadBalancers), database: ours(databases)[0], instances };
};

test.concurrent('an environment comes to be, stays as it is, and grows', async () => {
  await using world = await terraformWorld();
  const cwd = await world.checkout('shop');

  const rehearsal = await world.step('apply', cwd, { inputs: { 'dry-run': 'true' } });
  expect(rehearsal).toMatchObject({ code: 0, outputs: { changed: 'false' } });
  expect(world.writes()).toEqual([]);
  expect(await world.object('slipway-lock-probe')).toBeUndefined();

  const first = await world.step('apply', cwd);
  expect(first.code, first.log).toBe(0);
  const { cluster, loadBalancers, database } = owned(world, 'shop');
  expect(first.outputs).toEqual({
    changed: 'true',
    'cluster-id': cluster?.id,
    'ingress-ip': loadBalancers[0]?.ip,
  });
  expect(first.log).toContain('staging: 12 created, 0 updated, 0 replaced, 0 destroyed');
  expect(first.summary).toContain('### staging: 12 to create');
  expect(database).toMatchObject({ plan: 'hobbyist-2', 'termination-protection': true });
  expect(database?.['ip-filter']).toHaveLength(2);

  const quiet = world.writes().length;
  const second = await world.step('apply', cwd);
  expect(second).toMatchObject({ code: 0, outputs: { ...first.outputs, changed: 'false' } });
  expect(second.log).toContain('staging: no changes');
  const plan = await world.step('plan', cwd);
  expect(plan).toMatchObject({ code: 0, outputs: { changes: 'false', summary: 'staging: no changes' } });
  expect(world.writes()).toHaveLength(quiet);

  // One apply lets the new node in at once.
  await world.edit(cwd, 'platform.yaml', 'count: 2', 'count: 3');
  const third = await world.step('apply', cwd);
  expect(third.log).toContain('staging: 0 created, 2 updated, 0 replaced, 0 destroyed');
  expect(owned(world, 'shop').database?.['ip-filter']).toHaveLength(3);

  const state = await world.object('shop/staging.tfstate');
  expect(state).toContain(cluster?.id);
  for (const secret of [world.secret, 'kubeconfig']) expect(state).not.toContain(secret);
  expect(state).toContain('"admin_password": null');
  for (const { log } of [first, second, plan, third]) expect(log).not.toContain(world.secret);
  expect(await readdir(join(cwd, 'terraform'))).not.toContain('.terraform');
  expect(world.exoscale.complaints).toEqual([]);
  expect(world.egress.refused).toEqual([]);
});

test.concurrent('an apply that fails half-way says so, and the next one goes on from there', async () => {
  await using world = await terraformWorld();
  const cwd = await world.checkout('half');
  world.exoscale.faults.schedule({
    method: 'POST',
    path: '^/v2/dbaas-postgres/',
    effect: { kind: 'status', status: 400, body: { message: 'quota exceeded' } },
  });

  const failed = await world.step('apply', cwd);
  expect(failed.code).toBe(1);
  expect(failed.annotations.filter(({ level }) => level === 'error')).toMatchObject([
    { file: 'terraform/database.tf', line: 18, message: expect.stringContaining('quota exceeded') },
    { message: expect.stringContaining('staging may be applied in part') },
  ]);

  const next = await world.step('apply', cwd);
  expect(next).toMatchObject({ code: 0, outputs: { changed: 'true' } });
  expect(next.log).toContain('staging: 1 created');
  expect(owned(world, 'half').loadBalancers).toHaveLength(1);
});

test.concurrent('what is there already and in no state is not made a second time', async () => {
  await using world = await terraformWorld();
  const cwd = await world.checkout('found');
  const call = caller(world.exoscale.url, world);
  const id = await maker(call)('/load-balancer', { name: 'found-staging' });
  const before = world.writes().length;
  const { code, annotations } = await world.step('apply', cwd);
  expect(code).toBe(1);
  expect(annotations.at(-1)?.message).toContain(
    `There is a load balancer found-staging (${id}@ch-gva-2) that Terraform's state does not know`,
  );
  expect(annotations.at(-1)?.message).toContain(`"terraform import 'exoscale_nlb.ingress' ${id}@ch-gva-2"`);
  expect(world.writes()).toHaveLength(before);
});

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { caller, maker } from '../../sandbox/exoscale/testing.ts';
import { backend, type TerraformWorld, terraformWorld } from '../../sandbox/terraform-world.ts';

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

test.concurrent('a reply that was lost leaves two load balancers, and the apply names both', async () => {
  await using world = await terraformWorld();
  const cwd = await world.checkout('lost');
  world.exoscale.faults.schedule({
    method: 'POST',
    path: '^/v2/load-balancer$',
    effect: { kind: 'reset-after' },
  });
  const { code, annotations } = await world.step('apply', cwd);
  const [one, other] = owned(world, 'lost').loadBalancers;
  expect(code).toBe(1);
  expect(annotations.at(-1)?.message).toMatch(
    `There are 2 of the load balancer lost-staging (${one?.id}@ch-gva-2, ${other?.id}@ch-gva-2), as the answer`,
  );
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

const slow = `${backend}
resource "terraform_data" "quick" {}
resource "terraform_data" "slow" {
  depends_on = [terraform_data.quick]
  provisioner "local-exec" { command = "sleep 2" }
}
resource "terraform_data" "last" {
  depends_on = [terraform_data.slow]
}
`;

test.concurrent('a cancelled apply ends in its own time: state written, lock free, the next one converges', async () => {
  await using world = await terraformWorld();
  const cwd = await world.checkout('cancelled', slow);
  const cancelled = await world.step('apply', cwd, {
    onLine: (line, main) => {
      // As the runner does it: SIGINT, and SIGTERM before Terraform has ended.
      if (!line.includes('terraform_data.quick: Creation complete')) return;
      main.kill('SIGINT');
      main.kill('SIGTERM');
    },
  });
  expect(cancelled.code).toBe(1);
  expect(cancelled.annotations.at(-2)?.message).toContain('Stopped on request: terraform apply');
  expect(await world.object('cancelled/staging.tfstate')).toContain('"name": "quick"');
  expect(await world.object('cancelled/staging.tfstate.tflock')).toBeUndefined();

  const next = await world.step('apply', cwd);
  expect(next.code, next.log).toBe(0);
  expect((await world.step('plan', cwd)).outputs.changes).toBe('false');
});

test.concurrent('an apply that is told to stop and has done everything says that it has', async () => {
  await using world = await terraformWorld();
  const cwd = await world.checkout('late', slow);
  const late = await world.step('apply', cwd, {
    // Only writing the state is left, and that takes its time.
    onLine: (line, main) => {
      if (line.includes('terraform_data.slow: Creation complete'))
        world.storage.faults.schedule({
          ...{ method: 'PUT', path: '/late/staging\\.tfstate(\\?.*)?$', times: 100 },
          effect: { kind: 'delay', milliseconds: 1500 },
        });
      if (line.includes('terraform_data.last: Creation complete')) main.kill('SIGINT');
    },
  });
  expect(late.code, late.log).toBe(0);
  expect(late.log).toContain('staging: 3 created, 0 updated, 0 replaced, 0 destroyed');
  expect(late.annotations.filter(({ level }) => level === 'error')).toEqual([]);
  expect(late.outputs.changed).toBe('true');
  expect((await world.step('plan', cwd)).outputs.changes).toBe('false');
});

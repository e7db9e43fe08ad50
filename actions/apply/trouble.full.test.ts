import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { caller, maker } from '../../sandbox/exoscale/testing.ts';
import { backend, type TerraformWorld, terraformWorld } from '../../sandbox/terraform-world.ts';

/* What others do to an apply: they hold the lock, ignore it, are out of order for a moment. */

let world: TerraformWorld;
beforeAll(async () => {
  world = await terraformWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

const module = `${backend}
resource "terraform_data" "one" {}
`;
const zone = () => world.exoscale.account.zones['ch-gva-2'];

test('a lock that somebody holds is explained, waited for, and never broken', async () => {
  const cwd = await world.checkout('held', module);
  const lock = JSON.stringify({
    ID: '2b3c',
    Operation: 'OperationTypeApply',
    Who: 'ann@laptop',
    Created: '2026-11-23T07:00:01.2Z',
  });
  await world.object('held/staging.tfstate.tflock', lock);
  let present: string | undefined;
  const { code, log } = await world.step('apply', cwd, {
    async onLine(line) {
      if (!line.includes('waiting for at most 5 minutes')) return;
      present = await world.object('held/staging.tfstate.tflock');
      setTimeout(() => world.remove('held/staging.tfstate.tflock'), 3000);
    },
  });
  expect(code, log).toBe(0);
  expect(log).toContain(
    'The state is locked by ann@laptop since 2026-11-23 07:00 UTC (apply, lock 2b3c): waiting for at most 5 minutes',
  );
  expect(present).toBe(lock);
  expect(log).toContain('staging: 1 created');
});

test('storage that cannot hold a lock is refused before anything is written', async () => {
  const cwd = await world.checkout('open', module);
  await world.remove('slipway-lock-probe');
  world.storage.faults.schedule({
    ...{ method: 'PUT', path: 'slipway-lock-probe', times: 2 },
    effect: { kind: 'status', status: 200 },
  });
  const from = world.storage.requests.length;
  const { code, annotations } = await world.step('apply', cwd);
  world.storage.faults.clear();
  expect(code).toBe(1);
  expect(annotations.at(-1)?.message).toContain('two applies could run at once: nothing was applied');
  expect(world.storage.requests.slice(from).filter(each => /^PUT .*\/open\//.test(each))).toEqual([]);
});

test('a state that a gateway took instead of the bucket is missed at once, and the next apply ends the work', async () => {
  const cwd = await world.checkout('swallowed', module);
  world.storage.faults.schedule({
    ...{ method: 'PUT', path: '/swallowed/staging\\.tfstate(\\?.*)?$', times: 100 },
    effect: { kind: 'html' },
  });
  const { code, annotations, log } = await world.step('apply', cwd);
  world.storage.faults.clear();
  expect(code, log).toBe(1);
  expect(annotations.filter(({ level }) => level === 'error')).toEqual([
    {
      level: 'error',
      message: expect.stringContaining(
        'took the state and does not have it: terraform_data.one, created just now, cannot be found in swallowed/staging.tfstate; apply again',
      ),
    },
  ]);
  expect(await world.object('swallowed/staging.tfstate.unfinished')).toContain('terraform_data.one');
  const next = await world.step('apply', cwd);
  expect(next.code, next.log).toBe(0);
  expect(await world.object('swallowed/staging.tfstate')).toContain('"name": "one"');
  expect(await world.object('swallowed/staging.tfstate.unfinished')).toBeUndefined();
});

test('a plan that fails for a reason that passes is made again; an apply is not', async () => {
  const cwd = await world.checkout('busy', module);
  const out = (method: string, times: number) =>
    world.storage.faults.schedule({
      ...{ method, path: '/busy/staging\\.tfstate(\\?.*)?$', times },
      effect: { kind: 'status', status: 503 },
    });
  expect((await world.step('apply', cwd)).code).toBe(0);
  await world.edit(cwd, 'terraform/main.tf', '"one" {}', '"one" { input = 1 }');
  const planned = await world.step('apply', cwd, {
    onLine: line => {
      // Terraform itself asks five times before it gives up: once for what is to be hidden, once for the plan.
      if (line.startsWith('::group::Plan staging')) out('GET', 10);
    },
  });
  world.storage.faults.clear();
  expect(planned.code, planned.log).toBe(0);
  expect(planned.log).toContain(
    'terraform plan failed for a reason that may pass, and is tried again in 5 s',
  );
  expect(planned.log.match(/one: Modifications complete/g)).toHaveLength(1);

  await world.edit(cwd, 'terraform/main.tf', 'input = 1', 'input = 2');
  const applies = await world.step('apply', cwd, {
    onLine: line => {
      if (line.startsWith('::group::Apply staging')) out('PUT', 1000);
    },
  });
  world.storage.faults.clear();
  expect(applies.code).toBe(1);
  expect(applies.log).not.toContain('is tried again');
  expect(applies.log.match(/one: Modifications complete/g)).toHaveLength(1);
  expect((await world.step('apply', cwd, { inputs: { recover: 'true' } })).code).toBe(0);
});

test('what an apply has created when it was broken off is taken in, and not made a second time', async () => {
  const cwd = await world.checkout('broken');
  const call = caller(world.exoscale.url, world);
  const id = await maker(call)('/load-balancer', {
    name: 'broken-staging',
    description: 'broken staging, managed by slipway',
    labels: { platform: 'broken', environment: 'staging', 'managed-by': 'slipway' },
  });
  await world.object('broken/staging.tfstate.unfinished', '{"creates":["exoscale_nlb.ingress"]}');
  const { code, log } = await world.step('apply', cwd);
  expect(code, log).toBe(0);
  expect(log).toContain(
    `An apply that was broken off has created the load balancer broken-staging (${id}@ch-gva-2): the state takes it in as exoscale_nlb.ingress`,
  );
  expect(log).toContain('staging: 11 created, 0 updated');
  expect(zone()?.loadBalancers.filter(({ name }) => name === 'broken-staging')).toHaveLength(1);
  expect(await world.object('broken/staging.tfstate.unfinished')).toBeUndefined();
});

test('what is taken in where the state still has something that was deleted by hand', async () => {
  const cwd = await world.checkout('again');
  expect((await world.step('apply', cwd)).code).toBe(0);
  const balancer = () => zone()?.loadBalancers.find(({ name }) => name === 'again-staging');
  const { id: old = '', name = '', description, labels } = balancer() ?? {};
  const call = caller(world.exoscale.url, world);
  await call('DELETE', `/load-balancer/${old}`);
  while (balancer()) await sleep(50);
  const id = await maker(call)('/load-balancer', { name, description, labels });
  await world.object('again/staging.tfstate.unfinished', '{"creates":["exoscale_nlb.ingress"]}');
  const { code, log } = await world.step('apply', cwd);
  expect(code, log).toBe(0);
  expect(log).toContain('The state forgets exoscale_nlb.ingress, which Exoscale does not have any more');
  expect(log).toContain(`(${id}@ch-gva-2): the state takes it in as exoscale_nlb.ingress`);
  expect((await world.step('plan', cwd)).outputs.changes).toBe('false');
});

test('what somebody else has made since an apply was broken off is not taken in', async () => {
  const cwd = await world.checkout('theirs');
  const id = await maker(caller(world.exoscale.url, world))('/load-balancer', { name: 'theirs-staging' });
  await world.object('theirs/staging.tfstate.unfinished', '{"creates":["exoscale_nlb.ingress"]}');
  const { code, annotations } = await world.step('apply', cwd);
  expect(code).toBe(1);
  expect(annotations.at(-1)?.message).toContain(`"terraform import 'exoscale_nlb.ingress' ${id}@ch-gva-2"`);
  expect(await world.object('theirs/staging.tfstate')).toBeUndefined();
});

test.each(['not json', '{"creates":5}', 'null'])(
  'a note that is none of ours, %s, is no note',
  async body => {
    const cwd = await world.checkout('note', module);
    await world.object('note/staging.tfstate.unfinished', body);
    const { code, log } = await world.step('apply', cwd);
    expect(code, log).toBe(0);
    expect(await world.object('note/staging.tfstate.unfinished')).toBeUndefined();
  },
);

test('a reply that was lost leaves two load balancers, and the apply names both', async () => {
  await using world = await terraformWorld();
  const cwd = await world.checkout('lost');
  world.exoscale.faults.schedule({
    method: 'POST',
    path: '^/v2/load-balancer$',
    effect: { kind: 'reset-after' },
  });
  const { code, annotations } = await world.step('apply', cwd);
  const { loadBalancers = [] } = world.exoscale.account.zones['ch-gva-2'] ?? {};
  const [one, other] = loadBalancers.filter(({ name }) => name === 'lost-staging');
  expect(code).toBe(1);
  expect(annotations.at(-1)?.message).toMatch(
    `There are 2 of the load balancer lost-staging (${one?.id}@ch-gva-2, ${other?.id}@ch-gva-2), as the answer`,
  );
});

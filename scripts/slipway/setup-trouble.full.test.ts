import { appendFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { setupInOrder, slipway, statesIn } from '../testing/setup.ts';

/* What others refuse, answer late, or have decided already. */

const { world, team, states, order } = await setupInOrder();
const { cwd } = team;
const { variables } = world;
const writing = 'staging and production';

test('a bucket for dumps is made, administrators are let past no more than before, and a run that waits is named', async () => {
  const { cwd: own, file, people, octokit: their, place: here } = await world.team('beside');
  await appendFile(file, '\ndumps: { bucket: acme-beside-dumps, zone: ch-gva-2 }\n');
  const settings = {
    ...{ ...here, environment_name: 'staging', can_admins_bypass: false },
    deployment_branch_policy: null,
  };
  await their.rest.repos.createOrUpdateEnvironment(settings);
  people.awaitReview('deploy');
  const { output } = await slipway(own, ['setup', '--apply', '--json', '--reviewer', 'octocat'], variables());
  expect(statesIn(output)).toEqual({ ...order(), reviews: 'warning', 'bucket of the dumps': 'ok' });
  expect(output).toContain('deploy #1 waits for one');
  expect((await fetch(`${world.storage.url}/acme-beside-dumps?versioning=`)).status).toBe(200);
  const { data } = await their.rest.repos.getEnvironment({ ...here, environment_name: 'staging' });
  expect(data).toMatchObject({ can_admins_bypass: false, deployment_branch_policy: {} });
});

test('where one write of the review key is refused no other follows, and the next look misses one', async () => {
  const keys = () =>
    ['staging', 'staging-plan', 'production', 'production-plan'].map(name =>
      team.people.secret(name, 'REVIEW_KEY'),
    );
  const refuse = (method: string) =>
    world.github.faults.schedule({
      ...{ method, path: '/environments/production/secrets/REVIEW_KEY' },
      effect: { kind: 'status', status: 422 },
    });
  for (const method of ['PUT', 'DELETE']) {
    refuse(method);
    const rotated = slipway(cwd, ['setup', '--apply', '--rotate', 'REVIEW_KEY'], variables());
    await expect(rotated).rejects.toThrow(
      /GitHub refuses what.*\n.*REVIEW_KEY must be the same in all environments/,
    );
    expect(new Set(keys().filter(key => key !== undefined)).size).toBeLessThanOrEqual(1);
    expect(keys()).toContain(undefined);
    expect(await states(variables())).toEqual({ ...order(), REVIEW_KEY: 'missing' });
    await slipway(cwd, ['setup', '--apply'], variables());
    expect(new Set(keys()).size).toBe(1);
    expect(keys()).not.toContain(undefined);
  }
});

test('an API that stumbles is asked again, and one that is down is told', async () => {
  world.github.faults.schedule({
    method: 'GET',
    path: '/environments/staging',
    effect: { kind: 'reset-before' },
  });
  world.exoscale.faults.schedule({ path: '/zone$', effect: { kind: 'status', status: 503 } });
  world.cloudflare.faults.schedule({ path: '/verify', effect: { kind: 'html' } });
  expect(await states(variables())).toEqual(order());
  world.cloudflare.faults.schedule({ times: 100, effect: { kind: 'status', status: 502 } });
  expect(await states(variables())).toMatchObject({
    [`token of ${writing}`]: 'wrong',
    staging: 'ok',
  });
  world.cloudflare.faults.clear();
});

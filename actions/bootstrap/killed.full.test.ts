import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ClusterWorld, clusterWorld } from '../../sandbox/cluster-world.ts';
import { inside } from '../../scripts/testing/inside.ts';

let world: ClusterWorld;
beforeAll(async () => {
  world = await clusterWorld();
});
afterAll(() => world?.close());
const { get, secrets } = inside(() => world);

test('a dry run makes nothing, and a run that was killed between the kinds and the rest is gone on with', async () => {
  const rehearsal = await world.step('bootstrap', { 'dry-run': 'true' });
  expect(rehearsal.code, rehearsal.log).toBe(0);
  expect(rehearsal.log).toMatch(/\+ Deployment argocd\/argocd-server\n/);
  expect(rehearsal.log).toContain('+ Application argocd/root\n');
  expect(rehearsal.log).toMatch(/\nstaging: \d+ to create, 0 to change\n/);
  expect(await get('/api/v1/namespaces/argocd')).toBeUndefined();

  // Killed when the kinds are there and nothing else is: the next run goes on.
  const shim = await world.shim({ killAt: 'create' });
  const killed = await world.step('bootstrap', {}, { kubectl: shim });
  expect(killed.code, killed.log).toBe(137);
  expect(await get('/api/v1/namespaces/argocd')).toBeDefined();
  expect(await secrets()).toEqual({
    redis: {},
    server: {},
    keys: {},
    database: {},
    repositories: {},
    issuer: {},
    registry: {},
  });

  const tokens = {
    'repository-token': 'ghs_a-reader-0123456789',
    'registry-token': 'ghp_a-puller-0123456789',
  };
  const next = await world.step('bootstrap', tokens);
  expect(next.code, next.log).toBe(0);
  expect(next.log).toMatch(/\nstaging: \d+ created, [01] changed; 7 Applications are Synced and Healthy\n/);
  const made = await secrets();
  expect(Object.keys(made.redis)).toEqual(['auth']);
  expect(Object.keys(made.keys)).toEqual(['signing-key.pem']);
  expect(Object.entries(made).filter(([_, values]) => Object.keys(values).length === 0)).toEqual([]);
  const again = await world.step('bootstrap', tokens);
  expect(again.log).toContain('staging: nothing changed; 7 Applications are Synced and Healthy\n');
  expect(await secrets()).toEqual(made);
  expect(world.sandbox.exoscale.complaints).toEqual([]);
  expect(world.sandbox.egress.refused).toEqual([]);
});

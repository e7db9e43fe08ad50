import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bareCluster, seeded, seeds, waits } from '../../sandbox/bare-cluster.ts';
import { type ClusterWorld, clusterWorld } from '../../sandbox/cluster-world.ts';
import { everything } from '../../sandbox/control-plane/everything.ts';

/* Two that write to one environment at the same time: what is there is what one after the other makes, and nothing is lost. */

let world: ClusterWorld;
beforeAll(async () => {
  world = await clusterWorld();
});
afterAll(() => world?.close());

const database = () => world.sandbox.exoscale.account.zones['ch-gva-2']?.databases[0];

test('two bootstraps of a new cluster make what one makes; what is made once is the same for both', async () => {
  const raced = await bareCluster(world, 'raced');
  for (const { result, calls } of await Promise.all([raced.run(), raced.run()]))
    expect(calls.at(-1), result.log).toContain(` ${waits} `);
  const [together, values] = await Promise.all([everything(raced.plane, seeds), seeded(raced.plane)]);
  expect(Object.values(values)).not.toContain('{}');
  expect(database()?.users.filter(({ username }) => username === 'shop')).toHaveLength(1);

  const third = await raced.run();
  expect(third.calls.at(-1), third.result.log).toContain(` ${waits} `);
  expect(third.result.log).not.toContain('Changes:');
  expect(await seeded(raced.plane)).toEqual(values);
  await raced.plane.stop();

  const alone = await bareCluster(world, 'alone');
  await alone.run();
  expect(together).toEqual(await everything(alone.plane, seeds));
  await alone.plane.stop();
});

/** A version of `product` that its pipeline has built. */
async function built(tag: string) {
  const repository = world.sandbox.github.repository('acme/product');
  const revision = await repository.commit({ files: { 'README.md': `${tag}\n` }, message: tag });
  const digest = createHash('sha256').update(tag).digest('hex');
  return { service: 'product', image: `ghcr.io/acme/product:${tag}@sha256:${digest}`, revision };
}

test('a promotion that lands while two deploy: all three come through, and the next deploy has the newest pin', async () => {
  const platform = world.sandbox.github.repository(world.shop.platform);
  const version = await built('v0.2.0');
  const results = await Promise.all([
    world.step('bootstrap'),
    world.step('bootstrap'),
    world.step('promote', version),
  ]);
  const logs = results.map(({ log }) => log).join('\n---\n');
  expect(
    results.map(({ code }) => code),
    logs,
  ).toEqual([0, 0, 0]);
  for (const { log } of results.slice(0, 2)) expect(log).toContain('7 Applications are Synced and Healthy\n');
  const pin = await platform.file('manifests/environments/staging/product.yaml');
  expect(pin).toContain(version.revision);
  expect(pin).toContain(version.image.slice(version.image.indexOf('@')));

  const next = await world.step('bootstrap');
  expect(next.code, next.log).toBe(0);
  expect(next.outputs.revision).toBe(await platform.head());
  const { body } = await world.cluster.api<{
    status?: { sync?: { status?: string; comparedTo?: { source?: object } } };
  }>('GET', '/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/product');
  expect(body.status?.sync).toMatchObject({
    status: 'Synced',
    comparedTo: {
      source: {
        targetRevision: version.revision,
        kustomize: { images: [expect.stringContaining(version.image)] },
      },
    },
  });
  const [last] =
    (await platform.file('manifests/environments/staging/product.yaml'))?.match(/sha256:\w+/) ?? [];
  const { body: deployment } = await world.cluster.api(
    'GET',
    '/apis/apps/v1/namespaces/shop/deployments/product',
  );
  expect(JSON.stringify(deployment)).toContain(last);
  expect(world.sandbox.egress.refused).toEqual([]);
});

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ClusterWorld, clusterWorld } from '../../sandbox/cluster-world.ts';

let world: ClusterWorld;
beforeAll(async () => {
  world = await clusterWorld();
});
afterAll(() => world?.close());

const applications = '/apis/argoproj.io/v1alpha1/namespaces/argocd/applications';
const image = `ghcr.io/acme/product:v0.2.0@sha256:${'2'.repeat(64)}`;
const pin = 'manifests/environments/production/product.yaml';

interface Application {
  status?: { health?: { status?: string; lastTransitionTime?: string }; summary?: { images?: string[] } };
}

/** Asks the controller to look now: it would by itself within minutes. */
async function refresh(): Promise<void> {
  for (const name of ['root', 'product']) {
    const metadata = { annotations: { 'argocd.argoproj.io/refresh': 'normal' } };
    await world.cluster.api('PATCH', `${applications}/${name}`, { metadata });
  }
}

test('a version follows through Argo CD: held until it runs there, then until it is ripe, then promoted', async () => {
  const { sandbox, shop } = world;
  const gates = 'promote: { from: staging, by: commit, healthy: true, soak: 25s }';
  const text = shop.files['platform.yaml'] ?? '';
  await world.commit({ 'platform.yaml': text.replace(/promote: \{.*\}/, gates) });
  expect(await readFile(join(sandbox.run.folder, 'workspace', 'platform.yaml'), 'utf8')).toContain(gates);
  const token = sandbox.github.token('github-actions[bot]');
  const bootstrapped = await world.step('bootstrap');
  expect(bootstrapped.code, bootstrapped.log).toBe(0);

  const product = sandbox.github.repository('acme/product');
  const revision = await product.commit({ files: { 'NEWS.md': 'New' }, message: 'A new version' });
  const inputs = { 'github-token': token };
  const announced = await world.step('promote', { ...inputs, service: 'product', image, revision });
  expect(announced.outputs.changed, announced.log).toBe('true');

  const platform = sandbox.github.repository(shop.platform);
  const before = await platform.file(pin);
  const reasons: string[] = [];
  for (const deadline = Date.now() + 240_000; Date.now() < deadline; await sleep(1000)) {
    const { body } = await world.cluster.api<Application>('GET', `${applications}/product`);
    const ripe = Date.parse(body.status?.health?.lastTransitionTime ?? '') + 25_000;
    const result = await world.step('promote', { ...inputs, environment: 'production' });
    expect(result.code, result.log).toBe(0);
    if (result.outputs.changed === 'true') {
      expect(Date.now()).toBeGreaterThan(ripe);
      break;
    }
    expect(await platform.file(pin)).toBe(before);
    const held = JSON.parse(result.outputs.held ?? '[]') as { reasons: { gate: string; why: string }[] }[];
    reasons.push(...(held[0]?.reasons ?? []).map(({ gate, why }) => `${gate}: ${why}`));
    await refresh();
  }
  expect(reasons[0]).toMatch(/^healthy: staging has not taken it over yet/);
  expect(reasons.at(-1)).toMatch(/^soak: healthy in staging since .*, which makes 25s at/);
  const after = await platform.file(pin);
  expect(after).toContain(`targetRevision: ${revision}`);
  expect(after).toContain(`- ${image}`);
  const { body } = await world.cluster.api<Application>('GET', `${applications}/product`);
  expect(body.status).toMatchObject({
    health: { status: 'Healthy' },
    summary: { images: expect.arrayContaining([image]) },
  });
}, 600_000);

import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ClusterWorld, clusterWorld } from '../../sandbox/cluster-world.ts';

let world: ClusterWorld;
beforeAll(async () => {
  world = await clusterWorld();
});
afterAll(() => world?.close());

test('what somebody changed by hand is shown, what it was and what it will be, and put back', async () => {
  const { api, setNodes } = world.cluster;
  // Nothing runs, so Argo CD does not put it back before bootstrap has seen it; and bootstrap ends where it would wait.
  await setNodes('pool', []);
  const run = async () => world.step('bootstrap', {}, { kubectl: await world.shim({ killAt: 'nodes' }) });
  await run();
  const settings = '/api/v1/namespaces/argocd/configmaps/argocd-cm';
  const server = '/apis/apps/v1/namespaces/argocd/deployments/argocd-server';
  const { body } = await api<{ spec: { template: { spec: { containers: { image: string }[] } } } }>(
    'GET',
    server,
  );
  const [container] = body.spec.template.spec.containers;
  const image = container?.image;
  if (container) container.image = 'quay.io/somebody/argocd:v0';
  await Promise.all([
    api('PUT', server, body),
    api('PATCH', settings, { data: { 'admin.enabled': 'true', own: 'x' } }),
  ]);

  const result = await run();
  expect(result.log).toContain('~ ConfigMap argocd/argocd-cm\n    data.admin.enabled: "true" → "false"\n');
  expect(result.log).toContain(
    `    spec.template.spec.containers[argocd-server].image: "quay.io/somebody/argocd:v0" → "${image}"\n`,
  );
  expect((await api('GET', settings)).body).toMatchObject({ data: { 'admin.enabled': 'false', own: 'x' } });
  expect(JSON.stringify((await api('GET', server)).body)).not.toContain('somebody/argocd');
});

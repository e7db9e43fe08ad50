import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ClusterWorld, clusterWorld } from '../../sandbox/cluster-world.ts';

/* One cluster and what befalls it, in this order: each test goes on from where the one before has left it. */

let world: ClusterWorld;
beforeAll(async () => {
  world = await clusterWorld();
});
afterAll(() => world?.close());

const bootstrap = (inputs?: Record<string, string>) => world.step('bootstrap', inputs);
const api = (method: string, path: string, body?: unknown) => world.cluster.api(method, path, body);
const messages = (annotations: { level: string; message: string }[]) =>
  annotations.filter(({ level }) => level === 'error').map(({ message }) => message);

const controllers = '/apis/apps/v1/namespaces/argocd/statefulsets';
const controller = (version: string) => {
  const labels = { 'app.kubernetes.io/name': 'argocd-application-controller' };
  const image = `quay.io/argoproj/argocd:${version}`;
  const containers = [{ name: 'argocd-application-controller', image }];
  return {
    ...{ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'argocd-application-controller' } },
    spec: {
      ...{ replicas: 0, serviceName: 'argocd-application-controller', selector: { matchLabels: labels } },
      template: { metadata: { labels }, spec: { containers } },
    },
  };
};

test('an Argo CD that is newer than the pin is not put back, and nothing else is touched', async () => {
  await api('POST', '/api/v1/namespaces', { metadata: { name: 'argocd' } });
  await api('POST', controllers, controller('v9.9.9'));
  for (const inputs of [{ 'dry-run': 'true' }, {}] as Record<string, string>[]) {
    const { code, annotations } = await bootstrap(inputs);
    expect(code).toBe(1);
    expect(messages(annotations)).toEqual([
      expect.stringMatching(/^Argo CD in the cluster is v9\.9\.9, newer than v3\.2\.1 of the manifests/),
    ]);
  }
  expect(await api('GET', '/api/v1/namespaces/shop')).toMatchObject({ status: 404 });
  await api('DELETE', `${controllers}/argocd-application-controller`);
});

test('a kubectl that is too far from the cluster is warned of', async () => {
  const kubectl = await world.shim({ version: 'v1.30.0' });
  const { code, annotations, log } = await world.step('bootstrap', { 'dry-run': 'true' }, { kubectl });
  expect(code, log).toBe(0);
  expect(annotations).toEqual([
    {
      level: 'warning',
      message: expect.stringMatching(
        /^kubectl is v1\.30\.0 and the cluster v1\.34\.2, .*install kubectl 1\.34$/,
      ),
    },
  ]);
});

test('a Kubernetes that is too old for Argo CD, or too new for kubectl, is warned of', async () => {
  for (const [kubernetes, message] of [
    [
      'v1.28.9',
      /^The cluster's Kubernetes is v1\.28\.9, older than v1\.30\.0, .* Argo CD v3\.2\.1 is tested with/,
    ],
    ['v1.37.0', /^kubectl is v1\.34\.2 and the cluster v1\.37\.0, .*install kubectl 1\.37$/],
  ] as const) {
    const kubectl = await world.shim({ kubernetes });
    const { code, annotations, log } = await world.step('bootstrap', { 'dry-run': 'true' }, { kubectl });
    expect(code, log).toBe(0);
    expect(annotations).toContainEqual({ level: 'warning', message: expect.stringMatching(message) });
  }
});

test('manifests for an older Kubernetes than the cluster are refused with the kind, and nothing is changed', async () => {
  const file = 'manifests/argocd/disruption.yaml';
  const text = world.shop.files[file] ?? '';
  await world.commit({ [file]: text.replaceAll('policy/v1\n', 'policy/v1beta1\n') });
  const { code, annotations } = await bootstrap();
  await world.commit({ [file]: text });
  expect(code).toBe(1);
  expect(messages(annotations)).toEqual([
    expect.stringMatching(
      /^Could not .*: the cluster does not serve PodDisruptionBudget in policy\/v1beta1: its Kubernetes is too old or too new/,
    ),
  ]);
  expect(await api('GET', '/api/v1/namespaces/shop')).toMatchObject({ status: 404 });
});

test("a kubeconfig of one's own that has expired is named, for nobody can renew it", async () => {
  const kubeconfig = join(world.sandbox.run.folder, 'late.yaml');
  const late = { user: 'somebody', groups: ['system:masters'], ttlSeconds: -1 };
  await writeFile(kubeconfig, await world.cluster.kubeconfig(late), { mode: 0o600 });
  const env = { EXOSCALE_API_KEY: '', EXOSCALE_API_SECRET: '' };
  const { code, annotations } = await world.step('bootstrap', { kubeconfig }, { env });
  expect(code).toBe(1);
  expect(messages(annotations)).toEqual([
    expect.stringMatching(
      /credentials \(401\), which may have expired: give a fresh one as the input "kubeconfig"/,
    ),
  ]);
});

test('half installed by an older pin, and with a kubeconfig that ends in the middle, it comes to its end', async () => {
  await api('POST', controllers, controller('v3.1.0'));
  const brief = await world.cluster.kubeconfig({
    user: 'slipway',
    groups: ['system:masters'],
    ttlSeconds: 15,
  });
  world.sandbox.exoscale.faults.schedule({
    ...{ method: 'POST', path: '/sks-cluster-kubeconfig/' },
    effect: { kind: 'status', status: 200, body: { kubeconfig: Buffer.from(brief).toString('base64') } },
  });
  const { code, log } = await bootstrap();
  expect(code, log).toBe(0);
  expect(log).toContain('The kubeconfig has expired: a fresh one is asked of Exoscale\n');
  expect(log).toMatch(/~ StatefulSet argocd\/argocd-application-controller\n/);
  const { body } = await world.cluster.api<{ spec: unknown }>(
    'GET',
    `${controllers}/argocd-application-controller`,
  );
  expect(JSON.stringify(body.spec)).toContain('quay.io/argoproj/argocd:v3.2.1');
});

import { setTimeout as sleep } from 'node:timers/promises';
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

const policy = {
  ...{ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicy' },
  metadata: { name: 'no-product' },
  spec: {
    failurePolicy: 'Fail',
    matchConstraints: {
      resourceRules: [
        {
          ...{ apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'] },
          operations: ['CREATE', 'UPDATE'],
        },
      ],
    },
    validations: [{ expression: "object.metadata.name != 'product'", message: 'product has no ticket' }],
  },
};
const binding = {
  ...{ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicyBinding' },
  ...{ metadata: { name: 'no-product' }, spec: { policyName: 'no-product', validationActions: ['Deny'] } },
};
const admission = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolic';

interface Pods {
  items: { metadata: { name: string } }[];
}
const pods = '/api/v1/namespaces/shop/pods';

/** kwok's kubelet calls every image pulled: this one says that the user-manager's cannot be. */
async function pullNothing(until: AbortSignal): Promise<void> {
  const waiting = {
    reason: 'ImagePullBackOff',
    message: 'Back-off pulling image "ghcr.io/acme/user-manager:v0.1.0"',
  };
  const status = {
    conditions: [{ type: 'Ready', status: 'False' }],
    containerStatuses: [
      {
        ...{ name: 'user-manager', image: 'ghcr.io/acme/user-manager:v0.1.0', imageID: '', ready: false },
        ...{ restartCount: 0, state: { waiting } },
      },
    ],
  };
  for (; !until.aborted; await sleep(200)) {
    const { body } = await world.cluster.api<Pods>(
      'GET',
      `${pods}?labelSelector=app.kubernetes.io/name%3Duser-manager`,
    );
    for (const { metadata } of body.items ?? [])
      await api('PATCH', `${pods}/${metadata.name}/status`, { status });
  }
}

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

test('each trouble is named with its reason, holds up nobody else, and is gone with its cause', async () => {
  world.sandbox.github.faults.schedule({
    ...{ path: '^/acme/ui', times: 100_000 },
    effect: { kind: 'status', status: 401, headers: { 'www-authenticate': 'Basic realm="GitHub"' } },
  });
  await api('POST', `${admission}ies`, policy);
  await api('POST', `${admission}ybindings`, binding);
  await api('DELETE', '/apis/apps/v1/namespaces/shop/deployments/product');
  const namespace = 'manifests/platform/shop/namespace.yaml';
  const commit = await world.commit({
    [namespace]: world.shop.files[namespace]?.replace('labels:', 'labels:\n    team: blue') ?? '',
  });
  const over = new AbortController();
  const pulling = pullNothing(over.signal);

  const { code, annotations, log } = await bootstrap({ 'timeout-minutes': '3' });
  over.abort();
  await pulling;
  expect(code, log).toBe(1);
  const [headline, ...reasons] = messages(annotations);
  expect(headline).toMatch(/^Waited 3 min for the Applications, not done: /);
  const about = (name: string) => reasons.find(each => each.startsWith(`Application ${name}:`));
  expect(about('ui'), log).toMatch(/ComparisonError: .*acme\/ui/s);
  expect(about('ui')).toContain('give a token that may as the input "repository-token"');
  expect(about('product'), log).toMatch(/Deployment shop\/product was refused: .*product has no ticket/s);
  expect(about('user-manager'), log).toMatch(
    /container user-manager ImagePullBackOff: Back-off pulling image/,
  );
  expect(log).toContain(`\nshop: Synced, Healthy at ${commit.slice(0, 7)}\n`);

  world.sandbox.github.faults.clear();
  await api('DELETE', `${admission}ybindings/no-product`);
  await api('DELETE', pods);
  const mended = await bootstrap({ 'timeout-minutes': '5' });
  expect(mended.code, mended.log).toBe(0);
});

test('a bad manifest in one service and a kind that is missing are named', async () => {
  const file = 'manifests/platform/traefik/kustomization.yaml';
  const traefik = world.shop.files[file] ?? '';
  const pin = 'manifests/environments/staging/product.yaml';
  const product = world.shop.files[pin] ?? '';
  const broken = await world.sandbox.github.repository('acme/product').commit({
    files: { 'deploy/service.yaml': 'apiVersion: v1\nkind: Service\nmetadata: { name: product\n' },
    message: 'Break the manifest',
  });
  await world.commit({
    [file]: traefik.replace(/^ {2}- https:.*\n/m, ''),
    [pin]: product.replace('targetRevision: v0.1.0', `targetRevision: ${broken}`),
  });
  const { code, annotations, log } = await bootstrap({ 'timeout-minutes': '2' });
  expect(code, log).toBe(1);
  const reasons = messages(annotations).slice(1);
  const about = (name: string) => reasons.find(each => each.startsWith(`Application ${name}:`));
  expect(about('product'), log).toMatch(/ComparisonError: .*service\.yaml/s);
  expect(about('ui'), log).toMatch(/IngressRoute.*CRD is installed/s);

  await world.commit({ [file]: traefik, [pin]: product });
  const mended = await bootstrap({ 'timeout-minutes': '5' });
  expect(mended.code, mended.log).toBe(0);
});

test('after everything was deleted it comes again', async () => {
  for (const name of ['shop', 'traefik', 'argocd']) await api('DELETE', `/api/v1/namespaces/${name}`);
  const { code, log } = await bootstrap({ 'timeout-minutes': '5' });
  expect(code, log).toBe(0);
  expect(log).toMatch(/staging: \d+ created, \d+ changed; 7 Applications are Synced and Healthy\n/);
  for (const made of [
    'argocd/secrets/argocd-redis',
    'argocd/secrets/argocd-secret',
    'shop/secrets/user-manager-keys',
  ])
    expect(await api('GET', `/api/v1/namespaces/${made}`)).toMatchObject({ status: 200 });
});

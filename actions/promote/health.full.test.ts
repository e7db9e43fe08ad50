import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type ControlPlane, controlPlane } from '../../sandbox/control-plane/index.ts';
import { define } from '../../sandbox/control-plane/objects.ts';
import { type Egress, openEgress } from '../../sandbox/egress.ts';
import { type ExoscaleStandIn, exoscaleStandIn } from '../../sandbox/exoscale/index.ts';
import { caller, maker, remembered } from '../../sandbox/exoscale/testing.ts';
import { type GitHub, github } from '../../sandbox/github/index.ts';
import { openRun } from '../../sandbox/run.ts';
import { runAction } from '../../sandbox/runner.ts';
import { tool } from '../../sandbox/tools/build.ts';
import { pinned } from '../../sandbox/tools/parts.ts';

const run = openRun();
const workspace = join(run.folder, 'workspace');
const credentials = { key: 'EXOkey', secret: 'exoscale-secret' };
const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const [old, fresh] = ['a', 'b'].map(digit => digit.repeat(40)) as [string, string];
const image = (version: string, digit: string) => `ghcr.io/acme/ui:${version}@${digest(digit)}`;
const pin = (revision: string, at: string) => `kind: Application
metadata: { name: ui }
spec:
  source:
    targetRevision: ${revision}
    kustomize:
      images: ["${at}"]
`;
const common = 'zone: ch-gva-2, nodes: { type: standard.medium, count: 1 }, database: { plan: hobbyist-2 }';
const files = {
  'platform.yaml': `
name: shop
repository: https://github.com/acme/platform
state: { bucket: acme-terraform-state, zone: ch-gva-2 }
dns: { zone: example.com, owner: shop }
services:
  ui: { repository: https://github.com/acme/ui, image: ghcr.io/acme/ui, host: shop }
environments:
  staging: { ${common}, domain: staging.example.com }
  production:
    { ${common}, domain: example.com, promote: { from: staging, by: commit, healthy: true, soak: 10m } }
`,
  'manifests/environments/staging/ui.yaml': pin(fresh, image('1.1.0', '1')),
  'manifests/environments/production/ui.yaml': pin(old, image('1.0.0', '0')),
};

let cluster: ControlPlane;
let hub: GitHub;
let cloud: ExoscaleStandIn;
let egress: Egress;
const subjects: unknown[] = [];

beforeAll(async () => {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(workspace, path)), { recursive: true });
    await writeFile(join(workspace, path), text);
  }
  cluster = await controlPlane(run, { name: 'staging' });
  await define(cluster.api, 'argoproj/argo-cd', ['applications.argoproj.io']);
  await cluster.api('POST', '/api/v1/namespaces', {
    ...{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'argocd' } },
  });
  const parts = remembered();
  cloud = await exoscaleStandIn({
    ...{ ...credentials, ...parts },
    cluster: {
      ...parts.cluster,
      kubeconfig(_, subject) {
        subjects.push(subject);
        return cluster.kubeconfig(subject);
      },
    },
  });
  const version = pinned('kube-apiserver');
  await maker(caller(cloud.url, credentials))('/sks-cluster', {
    name: 'shop-staging',
    level: 'starter',
    version,
  });
  hub = await github(run);
  await hub.seed({ 'acme/platform': workspace });
  egress = await openEgress(run, [
    { host: 'api.github.com', target: hub.url },
    { host: '*.exoscale.com', target: cloud.url },
  ]);
});
afterAll(async () => {
  expect([hub.complaints, cloud.complaints, egress.refused]).toEqual([[], [], []]);
  await Promise.all([egress.close(), hub.close(), cloud.close()]);
  await run.close();
});

const applications = '/apis/argoproj.io/v1alpha1/namespaces/argocd/applications';
const ago = (minutes: number) =>
  new Date(Date.now() - minutes * 60_000).toISOString().replace(/\.\d+Z$/, 'Z');

interface State {
  revision?: string;
  images?: string[];
  health?: string;
  since?: string;
}

/** What Argo CD says of the ui in staging, in place of what it said before. */
async function argocd({
  revision = fresh,
  images = [image('1.1.0', '1')],
  health = 'Healthy',
  since = ago(60),
}: State) {
  const source = { repoURL: 'https://github.com/acme/ui', path: 'deploy', targetRevision: revision };
  const destination = { server: 'https://kubernetes.default.svc', namespace: 'ui' };
  await cluster.api('DELETE', `${applications}/ui`);
  const { status } = await cluster.api('POST', applications, {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'ui', namespace: 'argocd' },
    spec: { project: 'staging', source, destination },
    status: {
      sync: { status: 'Synced', revision, comparedTo: { source, destination } },
      health: { status: health, lastTransitionTime: since },
      summary: { images },
      history: [{ id: 0, revision, deployedAt: ago(90), source }],
      operationState: {
        ...{ operation: { sync: { revision } }, phase: 'Succeeded', startedAt: ago(91), finishedAt: ago(90) },
      },
    },
  });
  expect(status).toBe(201);
}

async function promote(more: Record<string, string> = {}) {
  const path = [dirname(await tool('kubectl')), process.env.PATH].join(delimiter);
  const env = { ...run.environment(egress.environment), PATH: path };
  const given = {
    ...{ environment: 'production', 'github-token': hub.token('github-actions[bot]') },
    ...{ 'exoscale-api-key': credentials.key, 'exoscale-api-secret': credentials.secret },
    ...more,
  };
  const result = await runAction({ action: 'promote', cwd: workspace, env, inputs: given });
  const held = JSON.parse(result.outputs.held ?? '[]') as {
    until?: string;
    reasons: { gate: string; why: string }[];
  }[];
  return { ...result, held };
}
const production = () => hub.repository('acme/platform').file('manifests/environments/production/ui.yaml');

test.each<[string, State, RegExp]>([
  ['Degraded', { health: 'Degraded' }, /it is Degraded in staging/],
  [
    'at the version before',
    { revision: old },
    /staging has not taken it over yet: its Application asks for revision a{40}/,
  ],
  [
    'another digest of the same tag',
    { images: [image('1.1.0', '2')] },
    /staging does not run .*@sha256:1{64} but .*@sha256:2{64}/,
  ],
])('held while staging is %s', async (_, state, why) => {
  await argocd(state);
  const { code, held, outputs, log } = await promote();
  expect(log).toMatch(why);
  expect([code, outputs.changed]).toEqual([0, 'false']);
  expect(held).toMatchObject([{ reasons: [{ gate: 'healthy', why: expect.stringMatching(why) }] }]);
  expect(held[0]?.until).toBeUndefined();
  expect(await production()).toBe(pin(old, image('1.0.0', '0')));
});

test('a flap makes it soak anew, and it is promoted when it is ripe', async () => {
  await argocd({ since: ago(60) });
  expect((await promote({ 'dry-run': 'true' })).held).toEqual([]);
  // It was ripe, and has been Degraded for a moment since.
  await argocd({ since: ago(4) });
  const early = await promote();
  expect(early.held).toMatchObject([
    { reasons: [{ gate: 'soak', why: expect.stringMatching(/which makes 10m at/) }] },
  ]);
  const ripe = Date.parse(early.held[0]?.until ?? '') - Date.now();
  expect(ripe).toBeGreaterThan(4 * 60_000);
  expect(ripe).toBeLessThan(6 * 60_000);

  await argocd({ since: ago(11) });
  const { outputs, summary } = await promote();
  expect(outputs).toMatchObject({ changed: 'true' });
  expect(summary).toContain('| `ui` | `1.1.0` | healthy | passed | Synced and Healthy in staging |');
  expect(await production()).toBe(pin(fresh, image('1.1.0', '1')));
  // Credentials of minutes, and nothing of them is left.
  expect(subjects[0]).toEqual({ user: 'slipway', groups: ['system:masters'], ttlSeconds: 600 });
});

test('a cluster that cannot be read is an error, and nothing is written', async () => {
  await hub.repository('acme/platform').commit({
    files: { 'manifests/environments/staging/ui.yaml': pin(old, image('1.2.0', '3')) },
    message: 'Deploy 1.2.0',
  });
  const definition = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/applications.argoproj.io';
  await cluster.api('DELETE', definition);
  await vi.waitFor(async () => expect((await cluster.api('GET', applications)).status).toBe(404), 10_000);
  const { code, annotations } = await promote();
  expect(code).toBe(1);
  expect(annotations).toMatchObject([
    { level: 'error', message: expect.stringMatching(/^Could not list applications\.argoproj\.io: /) },
  ]);
  expect(await production()).toBe(pin(fresh, image('1.1.0', '1')));
});

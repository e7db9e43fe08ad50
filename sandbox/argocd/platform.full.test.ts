import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type ControlPlane, controlPlane } from '../control-plane/index.ts';
import { openEgress } from '../egress.ts';
import { type GitHub, github } from '../github/index.ts';
import { type Environment, openRun } from '../run.ts';
import { withoutLetsEncrypt } from '../shop.ts';
import { tool } from '../tools/build.ts';
import { upstreams } from '../upstream/index.ts';
import { type ArgocdStandIn, argocdStandIn } from './index.ts';
import { repoServer } from './repo-server.ts';

const root = dirname(dirname(import.meta.dirname));
const argoproj = '/apis/argoproj.io/v1alpha1/namespaces/argocd';
const run = openRun();
let hub: GitHub;
let env: Environment;
let plane: ControlPlane;
let kubectl: (...args: string[]) => Promise<string>;
let standIn: ArgocdStandIn;

beforeAll(async () => {
  hub = await github(run);
  const platform = join(run.folder, 'platform');
  await cp(join(root, 'manifests'), join(platform, 'manifests'), { recursive: true });
  const kustomization = 'manifests/environments/staging/kustomization.yaml';
  const text = await readFile(join(root, kustomization), 'utf8');
  await writeFile(join(platform, kustomization), withoutLetsEncrypt(kustomization, text));
  const services = ['ui', 'product', 'user-manager'].map(
    name => [`acme/${name}`, { folder: join(root, 'services', name), tag: 'v0.1.0' }] as const,
  );
  await hub.seed({ 'acme/platform': platform, ...Object.fromEntries(services) });
  for (const { repository, folder, tag } of await upstreams()) await hub.mirror(repository, folder, tag);
  env = run.environment((await openEgress(run, [{ host: 'github.com', target: hub.url }])).environment);

  plane = await controlPlane(run, { name: 'staging' });
  await plane.setNodes('pool', ['node-1', 'node-2']);
  const folder = join(run.folder, 'stand-in');
  await mkdir(folder);
  const kubeconfig = join(folder, 'kubeconfig');
  const subject = { user: 'argocd', groups: ['system:masters'], ttlSeconds: 3600 };
  await writeFile(kubeconfig, await plane.kubeconfig(subject));
  const path = await tool('kubectl');
  kubectl = async (...args) => {
    const options = { env, maxBuffer: 64 * 1024 * 1024 };
    const { stdout } = await promisify(execFile)(path, ['--kubeconfig', kubeconfig, ...args], options);
    return stdout;
  };
  standIn = await argocdStandIn(kubeconfig, repoServer({ kubectl: path, env, folder }));
});

afterAll(async () => {
  await standIn?.close();
  await hub?.close();
  await run.close();
});

const apply = (...args: string[]) => kubectl('apply', '--server-side', '--force-conflicts', ...args);

interface Application {
  metadata: { name: string };
  status?: { sync?: { status: string }; health?: { status: string }; conditions?: { message: string }[] };
}

const states = async () => {
  const { body } = await plane.api<{ items: Application[] }>('GET', `${argoproj}/applications`);
  return body.items.map(({ metadata, status }) =>
    [
      metadata.name,
      status?.sync?.status,
      status?.health?.status,
      ...(status?.conditions ?? []).map(({ message }) => message),
    ].join(' '),
  );
};

const names = async () => (await states()).map(line => line.split(' ')[0] ?? '');

const applications = ['argocd', 'product', 'root', 'shop', 'traefik', 'ui', 'user-manager'];

test('from Argo CD and the root Application everything follows, and goes again', async () => {
  await apply('-k', join(root, 'manifests/argocd'));
  const projects = join(root, 'manifests/platform/projects.yaml');
  await vi.waitFor(() => apply('-n', 'argocd', '-f', projects), { timeout: 60_000 });
  await apply('-n', 'argocd', '-f', join(root, 'manifests/environments/staging/root.yaml'));

  const healthy = applications.map(name => `${name} Synced Healthy`);
  const settled = async () => expect(await states()).toEqual(healthy);
  await vi.waitFor(settled, { timeout: 180_000, interval: 500 });

  const route = '/apis/traefik.io/v1alpha1/namespaces/shop/ingressroutes/product';
  const { body } = await plane.api<{ spec: { routes: { match: string }[] } }>('GET', route);
  expect(body.spec.routes.map(({ match }) => match)).toEqual([
    'Host(`api.staging.example.com`) && PathPrefix(`/products`) && (Method(`GET`) || Method(`HEAD`))',
    'Host(`api.staging.example.com`) && PathPrefix(`/products`)',
    'Host(`api.staging.example.com`) && PathPrefix(`/orders`)',
    'Host(`api.staging.example.com`) && PathPrefix(`/stock-ledger`)',
  ]);
  const cors = '/apis/traefik.io/v1alpha1/namespaces/shop/middlewares/cors';
  const { body: middleware } = await plane.api<{ spec: { headers: object } }>('GET', cors);
  expect(middleware.spec.headers).toMatchObject({
    accessControlAllowOriginList: ['https://shop.staging.example.com'],
  });
  // The pods that must be more than one are, although nothing measures them here.
  const replicas = () => kubectl('get', '-A', 'hpa', '-o', 'jsonpath={.items[*].status.desiredReplicas}');
  await vi.waitFor(async () => expect(await replicas()).toBe('2 2 2 2'), { timeout: 60_000, interval: 1000 });
  // Before the servers the database is brought up to date, and again with every sync.
  const job = async () => {
    const path = '/apis/batch/v1/namespaces/shop/jobs/product-migration';
    const { body } = await plane.api<{ metadata: { uid: string }; status: object }>('GET', path);
    expect(body.status).toMatchObject({ succeeded: 1 });
    return body.metadata.uid;
  };
  await job();
  expect(hub.complaints).toEqual([]);

  // A pin moves.
  const pin = 'manifests/environments/staging/ui.yaml';
  const text = (await hub.repository('acme/platform').file(pin)) ?? '';
  await hub.repository('acme/platform').commit({
    files: { [pin]: text.replace('ghcr.io/acme/ui:v0.1.0', 'ghcr.io/acme/ui:v0.1.1') },
    message: 'Promote ui',
  });
  const image = () => kubectl('get', '-n', 'shop', 'deployment/ui', '-o', 'jsonpath={..containers[0].image}');
  await vi.waitFor(async () => expect(await image()).toBe('ghcr.io/acme/ui:v0.1.1'), { timeout: 60_000 });
  await vi.waitFor(settled, { timeout: 60_000, interval: 500 });

  // Down again, as a teardown does it.
  await plane.api('PATCH', `${argoproj}/applications/root`, { spec: { syncPolicy: { automated: null } } });
  for (const wave of [['product', 'ui', 'user-manager'], ['shop'], ['traefik'], ['argocd'], ['root']]) {
    for (const name of wave) await plane.api('DELETE', `${argoproj}/applications/${name}`);
    const gone = async () => expect((await names()).filter(name => wave.includes(name))).toEqual([]);
    await vi.waitFor(gone, { timeout: 90_000, interval: 200 });
  }
  // The namespaces stay, for what is in them and not in git; Argo CD itself goes with the cluster.
  const left = await kubectl('get', 'deployments,ingressroutes', '-A', '--no-headers');
  expect(left.split('\n').filter(line => line && !line.startsWith('argocd '))).toEqual([]);
});

test('what is applied to production is accepted as it stands', async () => {
  const rendered = await kubectl('kustomize', join(root, 'manifests/environments/production'));
  const file = join(run.folder, 'production.yaml');
  await writeFile(file, rendered);
  await vi.waitFor(() => apply('--dry-run=server', '-f', file), { timeout: 20_000 });
  expect(rendered).not.toContain('staging');
  await rm(file);
});

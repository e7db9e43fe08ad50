import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { ControlPlane } from '../../sandbox/control-plane/index.ts';
import { caller } from '../../sandbox/exoscale/testing.ts';
import { runAction } from '../../sandbox/runner.ts';
import { openSandbox, type Sandbox } from '../../sandbox/sandbox.ts';
import { type Shop, seedShop } from '../../sandbox/shop.ts';
import { pinned } from '../../sandbox/tools/parts.ts';

let sandbox: Sandbox;
let shop: Shop;
let cluster: ControlPlane;
let workspace: string;

beforeAll(async () => {
  sandbox = await openSandbox();
  const { EXOSCALE_API_KEY: key, EXOSCALE_API_SECRET: secret } = sandbox.secrets;
  const call = caller(sandbox.exoscale.url, { key, secret });
  await call('POST', '/sks-cluster', {
    name: 'shop-staging',
    level: 'starter',
    version: pinned('kube-apiserver'),
  });
  await call('POST', '/dbaas-postgres/shop-staging', { plan: 'hobbyist-2' });
  shop = await seedShop(sandbox);
  cluster = await vi.waitFor(
    () => {
      const { clusters, databases } = sandbox.exoscale.account.zones['ch-gva-2'] ?? {};
      expect([clusters?.[0]?.state, databases?.[0]?.state]).toEqual(['running', 'running']);
      return sandbox.controlPlane('shop-staging') as ControlPlane;
    },
    { timeout: 90_000 },
  );
  await cluster.setNodes('pool', ['node-1']);
  workspace = join(sandbox.run.folder, 'workspace');
  await commit(shop.files);
});
afterAll(() => sandbox?.close());

/** Commits to the platform repository, and checks it out. */
async function commit(files: Record<string, string>): Promise<string> {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(workspace, file)), { recursive: true });
    await writeFile(join(workspace, file), text);
  }
  return sandbox.github.repository(shop.platform).commit({ files, message: 'Change the platform' });
}

async function bootstrap(inputs: Record<string, string> = {}) {
  const env = { ...(await sandbox.environment()), ...sandbox.secrets };
  return runAction({
    action: 'bootstrap',
    cwd: workspace,
    env,
    inputs: { environment: 'staging', ...inputs },
  });
}

interface Found {
  data?: Record<string, string>;
}

const get = async (path: string): Promise<Found | undefined> => {
  const { status, body } = await cluster.api('GET', path);
  return status === 200 ? (body as Found) : undefined;
};
const secret = async (namespace: string, name: string): Promise<Record<string, string>> =>
  (await get(`/api/v1/namespaces/${namespace}/secrets/${name}`))?.data ?? {};

test('a cluster is seeded, everything arrives, and a second run changes nothing', async () => {
  const rehearsal = await bootstrap({ 'dry-run': 'true' });
  expect(rehearsal.code, rehearsal.log).toBe(0);
  expect(rehearsal.log).toMatch(/\+ Deployment argocd\/argocd-server\n/);
  expect(rehearsal.log).toContain('+ Application argocd/root\n');
  expect(rehearsal.log).toMatch(/\nstaging: \d+ to create, 0 to change\n/);
  expect(await get('/api/v1/namespaces/argocd')).toBeUndefined();

  const first = await bootstrap();
  expect(first.code, first.log).toBe(0);
  const head = await sandbox.github.repository(shop.platform).head();
  expect(first.outputs).toEqual({ revision: head });
  expect(first.log).toMatch(/\nstaging: \d+ created, 0 changed; 7 Applications are Synced and Healthy\n/);
  expect(first.log).toContain(`root: Synced, Healthy at ${head?.slice(0, 7)}\n`);
  expect(first.summary).toMatch(/\| product \| Synced, Healthy \| [0-9a-f]{7} \|/);
  expect(await get('/apis/apps/v1/namespaces/shop/deployments/product')).toBeDefined();

  const before = {
    redis: await secret('argocd', 'argocd-redis'),
    server: await secret('argocd', 'argocd-secret'),
    database: await secret('shop', 'database'),
  };
  expect(Object.keys(before.redis)).toEqual(['auth']);
  expect(Object.keys(before.server)).toContain('server.secretkey');
  const text = (key: string) => Buffer.from(before.database[key] ?? '', 'base64').toString();
  expect(text('uri')).toBe(
    `postgres://shop:${text('password')}@${text('host')}:${text('port')}/shop?sslmode=${text('sslmode')}`,
  );
  expect(text('ca.crt')).toContain('BEGIN CERTIFICATE');
  expect(first.masks).toContain(text('password'));
  expect(first.log).not.toContain(text('password'));

  const second = await bootstrap();
  expect(second.code, second.log).toBe(0);
  expect(second.log).toContain('staging: nothing changed; 7 Applications are Synced and Healthy\n');
  expect(second.log).not.toContain('Changes:');
  expect({
    redis: await secret('argocd', 'argocd-redis'),
    server: await secret('argocd', 'argocd-secret'),
    database: await secret('shop', 'database'),
  }).toEqual(before);
  expect(sandbox.exoscale.complaints).toEqual([]);
  expect(sandbox.egress.refused).toEqual([]);
});

test('what somebody changed by hand is shown and put back', async () => {
  const database = await secret('shop', 'database');
  await cluster.api('PUT', '/api/v1/namespaces/shop/secrets/database', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'database' },
    data: { ...database, password: btoa('wrong') },
  });
  const rehearsal = await bootstrap({ 'dry-run': 'true' });
  expect(rehearsal.log).toContain('~ Secret shop/database\n    data.password: another value (hidden)\n');
  expect(rehearsal.log).toContain('\nstaging: 0 to create, 1 to change\n');
  expect(await secret('shop', 'database')).not.toEqual(database);

  const { log } = await bootstrap();
  expect(log).toContain('\nstaging: 0 created, 1 changed; 7 Applications');
  expect(await secret('shop', 'database')).toEqual(database);
});

test('what does not become ready is named with its reasons, and mending it is enough', async () => {
  const pin = (service: string) => `manifests/environments/staging/${service}.yaml`;
  const stuck = (shop.files[pin('ui')] ?? '').replace(
    '      patches:\n',
    `      patches:
        - target: { kind: Deployment }
          patch: |
            - { op: add, path: /spec/template/spec/nodeSelector, value: { disk: none } }
`,
  );
  const astray = (shop.files[pin('product')] ?? '').replace('path: deploy', 'path: nowhere');
  await commit({ [pin('ui')]: stuck, [pin('product')]: astray });

  const { code, annotations, log } = await bootstrap({ 'timeout-minutes': '1' });
  expect(code, log).toBe(1);
  const [headline, ...reasons] = annotations.map(({ message }) => message);
  expect(headline).toMatch(/^Waited 1 min for the Applications, not done: .*product.*; mend what is named/);
  const product = reasons.find(each => each.startsWith('Application product'));
  expect(product).toMatch(/ComparisonError: .*nowhere/);
  const ui = reasons.find(each => each.startsWith('Application ui'));
  expect(ui).toMatch(/it is Progressing/);
  expect(ui).toMatch(/Pod shop\/ui-.*: Unschedulable: .*node affinity\/selector/);

  await commit({
    [pin('ui')]: shop.files[pin('ui')] ?? '',
    [pin('product')]: shop.files[pin('product')] ?? '',
  });
  const mended = await bootstrap({ 'timeout-minutes': '1' });
  expect(mended.code, mended.log).toBe(0);
});

test.each([
  [{ until: 'http' }, /Input "until" is "http": it must be applications/],
  [{ environment: 'production' }, /There is no SKS cluster shop-production/],
  [{ manifests: 'charts' }, /There is no folder charts\/argocd/],
])('%j is told in one sentence', async (inputs, message) => {
  const { code, annotations } = await bootstrap(inputs);
  expect(code).toBe(1);
  expect(annotations).toMatchObject([{ level: 'error', message: expect.stringMatching(message) }]);
});

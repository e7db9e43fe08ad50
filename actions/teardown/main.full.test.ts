import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { foreign } from '../../sandbox/cloudflare/foreign.ts';
import { caller } from '../../sandbox/exoscale/testing.ts';
import { runAction, type Step } from '../../sandbox/runner.ts';
import { openSandbox, type Sandbox } from '../../sandbox/sandbox.ts';
import { type Shop, seedShop } from '../../sandbox/shop.ts';

let sandbox: Sandbox;
let shop: Shop;
let workspace: string;
/** All that others have, before we came. */
let untouched: unknown;

beforeAll(async () => {
  sandbox = await openSandbox({ zones: [{ name: 'example.com', records: foreign }] });
  shop = await seedShop(sandbox);
  workspace = join(sandbox.run.folder, 'workspace');
  for (const [file, text] of Object.entries(shop.files)) {
    await mkdir(dirname(join(workspace, file)), { recursive: true });
    await writeFile(join(workspace, file), text);
  }
  await sandbox.github.repository(shop.platform).commit({ files: shop.files, message: 'The platform' });
  untouched = world();
});
afterAll(() => sandbox?.close());

const root = join(import.meta.dirname, '../..');
const confirmed = { confirm: 'staging', 'confirm-data': 'shop-staging' };
const world = () => structuredClone([sandbox.exoscale.account, sandbox.cloudflare.zone('example.com').text]);

async function step(action: string, inputs: Record<string, string> = {}, more: Partial<Step> = {}) {
  const env = { ...(await sandbox.environment()), ...sandbox.secrets };
  return runAction({ action, cwd: workspace, env, inputs: { environment: 'staging', ...inputs }, ...more });
}

async function done(action: string, inputs: Record<string, string> = {}) {
  const result = await step(action, inputs);
  expect(result.code, result.log).toBe(0);
  return result;
}

/** Plays Exoscale's cloud controller: when a Service is deleted, and only then, it gives the load balancer back. */
async function cloudController(path: string): Promise<void> {
  const cluster = sandbox.controlPlane('shop-staging');
  for (;;) {
    const { body } = (await cluster?.api('GET', path)) ?? {};
    if ((body as { metadata: { deletionTimestamp?: string } }).metadata.deletionTimestamp) break;
    await sleep(200);
  }
  await cluster?.api('PATCH', path, { metadata: { finalizers: null } });
}

test('an environment that runs goes without a trace, killed on the way and run again', async () => {
  await done('apply');
  await done('bootstrap');
  // One name belongs to somebody else: dns says so, and writes the others.
  expect((await step('dns')).log).toMatch(/shop\.staging\.example\.com/);
  expect(sandbox.cloudflare.zone('example.com').records.length).toBeGreaterThan(foreign.length);
  const cluster = sandbox.controlPlane('shop-staging');
  const services = '/api/v1/namespaces/default/services';
  await cluster?.api('POST', services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'game', finalizers: ['service.kubernetes.io/load-balancer-cleanup'] },
    spec: { type: 'LoadBalancer', ports: [{ port: 7777 }] },
  });
  await cluster?.api('POST', '/api/v1/namespaces/default/persistentvolumeclaims', {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'saves' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  });
  await notes("SET ROLE shop; CREATE TABLE notes (text text); INSERT INTO notes VALUES ('for later')");
  const standing = world();

  const rehearsal = await done('teardown', { 'dry-run': 'true' });
  expect(rehearsal.log).toContain('In the cluster: 7 Applications, 1 load balancers, 1 volume claims');
  expect(rehearsal.log).toContain('12 to destroy');
  expect(rehearsal.log).toContain('staging: this would go; nothing was changed');
  expect(JSON.parse(rehearsal.outputs.leftovers ?? '')).toContainEqual({
    kind: 'database',
    id: 'shop-staging',
    name: 'shop-staging',
    billable: true,
  });
  expect(world()).toEqual(standing);

  const killed = await step('teardown', confirmed, {
    onLine: (line, main) => {
      if (line.startsWith('In the cluster:')) setTimeout(() => main.kill('SIGKILL'), 1500);
    },
  });
  expect(killed.code).toBe(137);

  const [{ log, outputs, summary }] = await Promise.all([
    done('teardown', confirmed),
    cloudController(`${services}/game`),
  ]);
  expect(log).toMatch(
    /database shop of shop-staging is kept in sos:\S+: 1 table, 1 row, .* read back and whole/,
  );
  expect(log).toContain('The database shop-staging is no longer protected against its deletion');
  expect(log).toContain('staging: 7 things are gone, nothing billable is left');
  const [dump] = JSON.parse(outputs.dumps ?? '') as string[];
  expect(outputs).toEqual({ leftovers: '[]', dumps: JSON.stringify([dump]) });
  expect(summary).toContain(`What was in a database is kept in \`${dump}\``);
  expect(summary).toContain('| SKS cluster | shop-staging |');
  expect(world()).toEqual(untouched);

  const once = sandbox.exoscale.requests.length;
  const again = await done('teardown', confirmed);
  expect(again.log).toContain('staging: there was nothing to take down, nothing billable is left');
  expect(sandbox.exoscale.requests.slice(once).filter(({ method }) => method !== 'GET')).toEqual([]);
  expect(world()).toEqual(untouched);
  expect(sandbox.egress.refused).toEqual([]);
});

test('after a teardown it comes again, as docs/teardown.md says: a cluster, all that runs there, and the data', async () => {
  const page = await readFile(join(root, 'docs/teardown.md'), 'utf8');
  const [, recipe = ''] = /^## Restore$.*?^```sh\n(.*?)^```$/ms.exec(page) ?? [];
  const log = await terminal(recipe.trim().split('\n'));
  expect(log).toContain('The database shop of shop-staging is filled: 1 table, 1 row\n');
  expect(log).toMatch(/\nstaging: \d+ created, 0 changed; 7 Applications are Synced and Healthy\n/);
  expect(await notes('SELECT text FROM notes')).toEqual([{ text: 'for later' }]);
});

const notes = (sql: string) => sandbox.postgres('shop-staging')?.query(sql, [], 'shop');

/** `npm run slipway`, line by line, from the platform's folder. */
async function terminal(lines: string[]): Promise<string> {
  const env = { ...(await sandbox.environment()), ...sandbox.secrets };
  let log = '';
  for (const line of lines) {
    const args = line.replace(/^npm run slipway -- /, '').split(' ');
    expect(args.join(' '), 'a command of ours').not.toBe(line);
    const script = join(root, 'scripts/slipway.ts');
    log += (await promisify(execFile)(process.execPath, [script, ...args], { cwd: workspace, env })).stdout;
  }
  return log;
}

test('a cluster that is gone already is no obstacle, its records go, and of two doubles the one that is proven ours', async () => {
  const { outputs } = await done('apply');
  const labels = { platform: 'shop', environment: 'staging', 'managed-by': 'slipway' };
  const { EXOSCALE_API_KEY: key, EXOSCALE_API_SECRET: secret } = sandbox.secrets;
  const call = caller(sandbox.exoscale.url, { key, secret });
  const zone = sandbox.exoscale.account.zones['ch-gva-2'];
  await call('POST', '/load-balancer', { name: 'shop-staging' });
  // As a create leaves it whose answer was lost.
  await call('POST', '/load-balancer', { name: 'shop-staging', labels });
  const cluster = outputs['cluster-id'] ?? '';
  await record('old.staging.example.com', cluster);
  const [pool] = zone?.clusters[0]?.nodepools ?? [];
  await call('DELETE', `/sks-cluster/${cluster}/nodepool/${pool?.id}`);
  await until(() => zone?.clusters[0]?.nodepools.length === 0);
  await call('DELETE', `/sks-cluster/${cluster}`);
  await until(() => zone?.clusters.length === 0);

  const { log, outputs: left, annotations } = await done('teardown', { ...confirmed, sweep: 'true' });
  expect(log.match(/Swept: load balancer shop-staging/g)).toHaveLength(1);
  expect(log).toContain('The cluster is gone already');
  expect(log).toMatch(/the state forgets exoscale_sks_nodepool\.nodes/);
  expect(sandbox.cloudflare.zone('example.com').records).toHaveLength(foreign.length);
  const [double] = zone?.loadBalancers.filter(({ name }) => name === 'shop-staging') ?? [];
  expect(JSON.parse(left.leftovers ?? '')).toEqual([
    { kind: 'load balancer', id: double?.id, name: 'shop-staging', billable: true },
  ]);
  expect(annotations).toMatchObject([
    {
      level: 'warning',
      message: expect.stringContaining(`load balancer shop-staging (${double?.id}) is still`),
    },
  ]);
});

/** A record as our dns action marks it. */
async function record(name: string, cluster: string): Promise<void> {
  const { id, records } = sandbox.cloudflare.zone('example.com');
  const hash = createHash('sha256').update(cluster).digest('hex').slice(0, 12);
  const comment = `slipway shop@${hash} Ingress default/old`;
  await fetch(`${sandbox.cloudflare.url}/client/v4/zones/${id}/dns_records`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${sandbox.secrets.CLOUDFLARE_API_TOKEN}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ type: 'A', name, content: '203.0.113.11', ttl: 1, proxied: false, comment }),
  });
  expect(sandbox.cloudflare.zone('example.com').records).toHaveLength(records.length + 1);
}

async function until(check: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 60_000; !check(); await sleep(100))
    if (Date.now() > deadline) throw new Error(`still not so after a minute: ${check}`);
}

test.each([
  [{ confirm: '' }, /^Input "confirm" is "": write staging there to take staging down/],
  [{ confirm: 'Staging' }, /^Input "confirm" is "Staging"/],
  [{ confirm: 'staging', 'cloudflare-api-token': ' ' }, /^Input "cloudflare-api-token" is missing/],
])('with %j nothing is asked of anybody', async (inputs, message) => {
  const before = sandbox.exoscale.requests.length;
  const secrets = { ...sandbox.secrets, CLOUDFLARE_API_TOKEN: '' };
  const env = { ...(await sandbox.environment()), ...secrets };
  const { code, annotations } = await step('teardown', inputs, { env });
  expect(code).toBe(1);
  // The token is not there in any of them: all that is missing is told at once.
  expect(annotations.every(({ level }) => level === 'error')).toBe(true);
  expect(annotations).toContainEqual({ level: 'error', message: expect.stringMatching(message) });
  expect(sandbox.exoscale.requests).toHaveLength(before);
});

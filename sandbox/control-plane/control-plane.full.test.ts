import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRun } from '../run.ts';
import { tool } from '../tools/build.ts';
import { everything } from './everything.ts';
import { type ControlPlane, controlPlane } from './index.ts';
import { define } from './objects.ts';
import { resettable } from './reset.ts';

const execute = promisify(execFile);
const run = openRun();
let plane: ControlPlane;
beforeAll(async () => {
  plane = await controlPlane(run, { name: 'staging' });
});
afterAll(() => run.close());

/** kubectl for one who may do what these groups may. */
async function kubectl(plane: ControlPlane, groups = ['system:masters'], ttlSeconds = 600) {
  const file = join(run.folder, `kubeconfig-${crypto.randomUUID()}`);
  writeFileSync(file, await plane.kubeconfig({ user: 'somebody', groups, ttlSeconds }), { mode: 0o600 });
  const command = await tool('kubectl');
  return async (...args: string[]) =>
    (await execute(command, ['--kubeconfig', file, ...args], { env: run.environment() })).stdout;
}

const names = (nodes: string) => nodes.trim().split('\n').filter(Boolean).sort();

test('a pool has the nodes it is told to have, and pods run on them', async () => {
  const k = await kubectl(plane);
  const pool = () => k('get', 'nodes', '-l', 'node.exoscale.net/nodepool-id=one', '-o', 'name').then(names);
  await plane.setNodes('one', ['pool-1-aaaaa', 'pool-1-bbbbb']);
  await plane.setNodes('other', ['pool-2-ccccc']);
  await k('wait', 'nodes', '--all', '--for=condition=Ready', '--timeout=20s');
  expect(await pool()).toEqual(['node/pool-1-aaaaa', 'node/pool-1-bbbbb']);

  await k('create', 'deployment', 'web', '--image=example.com/web', '--replicas=4');
  await k('wait', 'deployment/web', '--for=condition=Available', '--timeout=20s');
  const where = await k('get', 'pods', '-o', 'jsonpath={range .items[*]}{.spec.nodeName}{"\\n"}{end}');
  expect(names(where)).toHaveLength(4);

  await plane.setNodes('one', ['pool-1-bbbbb', 'pool-1-ddddd']);
  expect(await pool()).toEqual(['node/pool-1-bbbbb', 'node/pool-1-ddddd']);
  await plane.setNodes('one', []);
  expect(await pool()).toEqual([]);
  expect(names(await k('get', 'nodes', '-o', 'name'))).toEqual(['node/pool-2-ccccc']);
});

test('a namespace goes with what is in it', async () => {
  const k = await kubectl(plane);
  await plane.setNodes('other', ['pool-2-ccccc']);
  await k('create', 'namespace', 'shop');
  await k('create', 'deployment', 'web', '--image=example.com/web', '-n', 'shop');
  await k('wait', 'deployment/web', '-n', 'shop', '--for=condition=Available', '--timeout=20s');
  await k('delete', 'namespace', 'shop', '--timeout=30s');
  expect((await plane.api('GET', '/api/v1/namespaces/shop')).status).toBe(404);
});

test('a cluster that is reset has nothing of what has come since, and takes it in again', async () => {
  const k = await kubectl(plane);
  await plane.setNodes('other', ['pool-2-ccccc']);
  const reset = await resettable(plane, join(run.folder, 'staging'));
  const before = await everything(plane, []);
  async function fill() {
    await define(plane.api, 'argoproj/argo-cd', ['applications.argoproj.io']);
    await k('create', 'namespace', 'shop');
    await k('create', 'deployment', 'web', '--image=example.com/web', '-n', 'shop');
    await k('wait', 'deployment/web', '-n', 'shop', '--for=condition=Available', '--timeout=20s');
    return everything(plane, []);
  }
  const filled = Object.keys(await fill());
  await reset();
  expect(await everything(plane, [])).toEqual(before);
  await expect(k('get', 'applications.argoproj.io', '-A')).rejects.toThrow("doesn't have a resource type");
  expect(Object.keys(await fill())).toEqual(filled);
  await reset();
  expect((await k('get', 'namespaces', '-o', 'name')).includes('shop')).toBe(false);
});

test('a kubeconfig is good for its groups, and for its time', async () => {
  const viewer = await kubectl(plane, ['nobody-in-particular']);
  expect(await viewer('auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}')).toBe('somebody');
  await expect(viewer('get', 'secrets')).rejects.toThrow('Forbidden');

  const brief = await kubectl(plane, ['system:masters'], 3);
  await brief('get', 'secrets');
  await expect
    .poll(() => brief('get', 'secrets').catch(String), { timeout: 10_000, interval: 500 })
    .toMatch(/must be logged in|Unauthorized/);
});

test('two stand side by side and know nothing of each other; a stopped one is gone', async () => {
  const other = await controlPlane(run, { name: 'production' });
  const [here, there] = await Promise.all([kubectl(plane), kubectl(other)]);
  await here('create', 'configmap', 'mine', '--from-literal=a=b');
  await expect(there('get', 'configmap', 'mine')).rejects.toThrow('NotFound');

  const config = await plane.kubeconfig({ user: 'somebody', groups: ['system:masters'], ttlSeconds: 600 });
  const file = join(run.folder, 'crossed');
  writeFileSync(file, config.replace(plane.endpoint, other.endpoint), { mode: 0o600 });
  const crossed = execute(await tool('kubectl'), ['--kubeconfig', file, 'get', 'pods'], {
    env: run.environment(),
  });
  await expect(crossed).rejects.toThrow('certificate signed by unknown authority');

  await other.stop();
  expect(existsSync(join(run.folder, 'production'))).toBe(false);
  await expect(other.api('GET', '/version')).rejects.toThrow('ECONNREFUSED');
  expect(run.broken.aborted).toBe(false);
});

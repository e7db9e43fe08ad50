import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { certificateAuthority } from '../certificates.ts';
import { openRun } from '../run.ts';
import { doctor } from './doctor.ts';
import { type Images, openImages } from './images/index.ts';
import { type RealCluster, realCluster } from './index.ts';
import { type Kubectl, kubectl, portForward, service, shop } from './testing.ts';

const here = doctor().length === 0;
const run = openRun();
let images: Images;
let one: RealCluster;
let other: RealCluster;
let k: Kubectl;
const outside = await certificateAuthority('outside world');

/** What the small web service answers. */
interface Said {
  client?: string;
  error?: string;
  milliseconds?: number;
}
const get = async (url: string) => (await (await fetch(url)).json()) as Said;
const clusterAddress = () => k('get', 'service', 'shop', '-o', 'jsonpath={.spec.clusterIP}');
const pods = async (fields: string) =>
  (await k('get', 'pods', '-l', 'app=shop', '-o', `jsonpath={range .items[*]}${fields}{"\\n"}{end}`)).split(
    '\n',
  );

beforeAll(async () => {
  if (!here) return;
  images = await openImages(run, [outside.certificate]);
  await images.addService({
    reference: 'ghcr.io/acme/shop:v1',
    folder: service(run, 'v1'),
    command: ['main.js'],
  });
  [one, other] = await Promise.all([
    realCluster(run, { name: 'one', images }),
    realCluster(run, { name: 'other', images }),
  ]);
  await Promise.all([
    one.setNodes('pool', ['pool-1-aaaaa', 'pool-1-bbbbb']),
    other.setNodes('pool', ['pool-2-ccccc']),
  ]);
  k = await kubectl(run, one);
  await k('wait', '-n', 'kube-system', 'deployment/coredns', '--for=condition=Available', '--timeout=60s');
  await k.apply(...shop('ghcr.io/acme/shop:v1', { nodePort: 30443 }));
  await k('rollout', 'status', 'deployment/shop', '--timeout=60s');
});
afterAll(() => run.close());

test.runIf(here)('the node has the name and the label that the pool gave it, and is Ready', async () => {
  const nodes = await k('get', 'nodes', '-l', 'node.exoscale.net/nodepool-id=pool', '-o', 'name');
  expect(nodes).toBe('node/pool-1-aaaaa');
  await k('wait', 'node/pool-1-aaaaa', '--for=condition=Ready', '--timeout=1s');
});

test.runIf(here)(
  'pods run as they ask to: as nobody, on a root that cannot be written, from the image',
  async () => {
    expect(await pods('{.status.phase}')).toEqual(['Running', 'Running']);
    const address = `http://${await clusterAddress()}`;
    expect(await get(address)).toMatchObject({ greeting: 'hello from v1', uid: 65532 });
    expect(await get(`${address}/write?q=/app/x`)).toMatchObject({ error: 'EROFS' });
    expect(await get(`${address}/write?q=/scratch/x`)).not.toHaveProperty('error');
  },
);

test.runIf(here)('exec, logs and port-forward go through the API server to the kubelet', async () => {
  expect(await k('exec', 'deployment/shop', '--', 'node', '-p', '6*7')).toBe('42');
  expect(await k('logs', 'deployment/shop')).toContain('listening');
  using forward = await portForward(run, one, 'deployment/shop', 8080);
  expect(await get(forward.url)).toMatchObject({ greeting: 'hello from v1' });
});

test.runIf(here)('a Service is reached from pods by name, and a node port Local keeps who asks', async () => {
  const address = `http://${await clusterAddress()}`;
  const name = 'http://shop.default.svc.cluster.local';
  await expect
    .poll(() => get(`${address}/fetch?q=${name}`))
    .toMatchObject({ value: expect.stringContaining('v1') });
  const seen = await get(`http://${one.nodeAddress}:30443`);
  expect(seen.client).toBe(one.hostAddress);
});

test.runIf(here)(
  'names of the outside world are those that were given, at once; all others do not exist',
  async () => {
    const address = `http://${await clusterAddress()}`;
    const lookup = (name: string) => get(`${address}/lookup?q=${name}`);
    const unknown = await lookup('api.example.com');
    expect(unknown.error).toBe('ENOTFOUND');
    expect(unknown.milliseconds).toBeLessThan(5000); // what a resolver waits for each answer that does not come
    await one.setNames({ 'github.com': one.hostAddress, 'ghcr.io': '203.0.113.7' });
    await expect
      .poll(() => lookup('github.com'), { timeout: 60_000, interval: 500 })
      .toMatchObject({ value: one.hostAddress });
    expect(await lookup('ghcr.io')).toMatchObject({ value: '203.0.113.7' });
  },
);

test.runIf(here)('pods reach what listens here, and trust the authority of the run', async () => {
  const { certificate, key } = await outside.server(['github.com']);
  const stranger = await certificateAuthority('stranger');
  const strangers = await stranger.server(['github.com']);
  const listen = async (pair: { certificate: string; key: string }) => {
    const server = createServer({ cert: pair.certificate, key: pair.key }, (_, response) =>
      response.end('it is me'),
    );
    server.listen(0, one.hostAddress);
    await once(server, 'listening');
    return server;
  };
  const [known, unknown] = await Promise.all([listen({ certificate, key }), listen(strangers)]);
  try {
    await one.setNames({ 'github.com': one.hostAddress });
    const ask = async (server: typeof known) =>
      get(
        `http://${await clusterAddress()}/fetch?q=https://github.com:${(server.address() as AddressInfo).port}/`,
      );
    await expect.poll(() => ask(known), { timeout: 60_000 }).toMatchObject({ value: 'it is me' });
    expect(String((await ask(unknown)).error)).toMatch(/self-signed|unable to (get|verify)/);
  } finally {
    for (const server of [known, unknown]) server.close();
  }
});

test.runIf(here)('a new tag can be pulled as soon as it is there, and rolls out', async () => {
  await expect(
    k('run', 'early', '--image=ghcr.io/acme/shop:v2', '--restart=Never').then(() =>
      k('wait', 'pod/early', '--for=condition=Ready', '--timeout=3s'),
    ),
  ).rejects.toThrow();
  expect(
    await k('get', 'pod', 'early', '-o', 'jsonpath={.status.containerStatuses[0].state.waiting.reason}'),
  ).toMatch(/ErrImagePull|ImagePullBackOff/);
  await k('delete', 'pod', 'early', '--now');

  const digest = await images.addService({
    reference: 'ghcr.io/acme/shop:v2',
    folder: service(run, 'v2'),
    command: ['main.js'],
  });
  await k('set', 'image', 'deployment/shop', `shop=ghcr.io/acme/shop@${digest}`);
  await k('rollout', 'status', 'deployment/shop', '--timeout=60s');
  await expect
    .poll(async () => get(`http://${await clusterAddress()}`), { timeout: 60_000 })
    .toMatchObject({ greeting: 'hello from v2' });
});

test.runIf(here)('who takes more memory than the limit is killed for it, and started again', async () => {
  const address = `http://${await clusterAddress()}`;
  await fetch(`${address}/eat?q=300`).catch(() => {});
  await expect
    .poll(() => pods('{.status.containerStatuses[0].lastState.terminated.reason}'), { timeout: 120_000 })
    .toContain('OOMKilled');
  await k('rollout', 'status', 'deployment/shop', '--timeout=60s');
});

test.runIf(here)(
  'two nodes know nothing of each other; a pool that goes takes its node, and the next boots anew',
  async () => {
    const there = await kubectl(run, other);
    expect(one.nodeAddress).not.toBe(other.nodeAddress);
    expect(await there('get', 'pods')).toBe('');
    await there.apply(...shop('ghcr.io/acme/shop:v1', { nodePort: 30443 }));
    await there('rollout', 'status', 'deployment/shop', '--timeout=60s');
    const answer = () => get(`http://${other.nodeAddress}:30443`).catch(String);
    await expect.poll(answer, { timeout: 120_000 }).toMatchObject({ greeting: 'hello from v1' });

    await other.setNodes('pool', []);
    expect(await there('get', 'nodes', '-o', 'name')).toBe('');
    expect(await answer()).toMatch(/fetch failed/);
    await other.setNodes('second', ['pool-3-ddddd']);
    await there('rollout', 'status', 'deployment/shop', '--timeout=60s');
    await expect.poll(answer, { timeout: 120_000 }).toMatchObject({ greeting: 'hello from v1' });
    await other.stop();
    expect(run.broken.aborted).toBe(false);
  },
);

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createServer, type Server } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { certificateAuthority } from '../certificates.ts';
import { openEgress } from '../egress.ts';
import { type GitHub, github } from '../github/index.ts';
import { openRun } from '../run.ts';
import { tool } from '../tools/build.ts';
import { upstreams } from '../upstream/index.ts';
import { doctor } from './doctor.ts';
import { type Images, openImages } from './images/index.ts';
import { type RealCluster, realCluster } from './index.ts';
import { type Kubectl, kubectl, service, shop } from './testing.ts';

const here = doctor().length === 0;
const root = dirname(dirname(import.meta.dirname));
const run = openRun();
let hub: GitHub;
let door: Server;
let images: Images;
let cluster: RealCluster;
let k: Kubectl;

/** The small web service as a repository that Argo CD deploys from, with a route. */
const deploy = (tag: string) => ({
  'deploy/kustomization.yaml': 'resources: [objects.json]\n',
  'deploy/objects.json': JSON.stringify({
    apiVersion: 'v1',
    kind: 'List',
    items: [
      ...shop(`ghcr.io/acme/shop:${tag}`),
      {
        apiVersion: 'traefik.io/v1alpha1',
        kind: 'IngressRoute',
        metadata: { name: 'shop' },
        spec: {
          entryPoints: ['websecure'],
          routes: [
            { kind: 'Rule', match: 'Host(`shop.example.com`)', services: [{ name: 'shop', port: 'http' }] },
          ],
        },
      },
    ],
  }),
});

const application = (name: string, repository: string, path: string, namespace: string) => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name, namespace: 'argocd' },
  spec: {
    project: 'default',
    source: { repoURL: `https://github.com/${repository}`, path, targetRevision: 'main' },
    destination: { server: 'https://kubernetes.default.svc', namespace },
    syncPolicy: {
      automated: { prune: true, selfHeal: true },
      syncOptions: ['ServerSideApply=true', 'CreateNamespace=true'],
    },
  },
});

beforeAll(async () => {
  if (!here) return;
  hub = await github(run);
  const platform = join(run.folder, 'platform');
  const repository = join(run.folder, 'repository');
  await cp(join(root, 'manifests'), join(platform, 'manifests'), { recursive: true });
  await mkdir(repository);
  await writeFile(join(repository, 'README.md'), '# shop\n');
  await hub.seed({ 'acme/platform': platform, 'acme/shop': repository });
  for (const { repository, folder, tag } of await upstreams()) await hub.mirror(repository, folder, tag);

  const outside = await certificateAuthority('outside world');
  images = await openImages(run, [outside.certificate]);
  cluster = await realCluster(run, { name: 'staging', images });
  await cluster.setNodes('pool', ['node-1']);
  k = await kubectl(run, cluster);

  // What answers for github.com to those who come directly.
  const { certificate, key } = await outside.server(['github.com']);
  door = createServer({ cert: certificate, key }, socket => {
    const standIn = connect(Number(new URL(hub.url).port), '127.0.0.1');
    for (const end of [socket, standIn]) end.on('error', () => [socket, standIn].map(each => each.destroy()));
    socket.pipe(standIn).pipe(socket);
  }).listen(443, cluster.hostAddress);
  await once(door, 'listening');
  await cluster.setNames({ 'github.com': cluster.hostAddress });
});
afterAll(async () => {
  door?.close();
  await run.close();
  await hub?.close();
});

const state = async (name: string) => {
  const { status } = JSON.parse(await k('get', '-n', 'argocd', 'application', name, '-o', 'json'));
  const wrong = (status?.conditions ?? []).map(({ message }: { message: string }) => message);
  return [status?.sync?.status, status?.health?.status, ...wrong].join(' ');
};

/** Through Traefik's node port, by the name of the host, as a load balancer would pass it on. */
async function visit(): Promise<string> {
  const outgoing = request({
    host: cluster.nodeAddress,
    port: 30443,
    servername: 'shop.example.com',
    headers: { host: 'shop.example.com' },
    rejectUnauthorized: false, // Traefik's own until somebody gives it one
  });
  outgoing.end();
  const [response] = await once(outgoing, 'response');
  return text(response);
}

test.runIf(here)(
  'Argo CD as it is installed, and what it deploys: Traefik as it is installed, a service that answers through it, and the next',
  async () => {
    const started = performance.now();
    const lap = (what: string) =>
      console.log(`${what} after ${((performance.now() - started) / 1000).toFixed(1)} s`);
    const { environment, close } = await openEgress(run, [{ host: 'github.com', target: hub.url }]);
    const { stdout } = await promisify(execFile)(
      await tool('kubectl'),
      ['kustomize', join(root, 'manifests/argocd')],
      { env: run.environment(environment), maxBuffer: 2 ** 26 },
    );
    await close();
    const manifests = join(run.folder, 'argocd.yaml');
    await writeFile(manifests, stdout);
    await k('apply', '--server-side', '-f', manifests);
    lap('Argo CD applied');
    const workloads = (await k('get', '-n', 'argocd', 'deployments,statefulsets', '-o', 'name')).split('\n');
    expect(workloads).toHaveLength(7);
    for (const workload of workloads)
      await k('rollout', 'status', '-n', 'argocd', workload, '--timeout=300s');
    lap('Argo CD ready');

    await images.addService({
      reference: 'ghcr.io/acme/shop:v1',
      folder: service(run, 'v1'),
      command: ['main.js'],
    });
    await hub.repository('acme/shop').commit({ files: deploy('v1'), message: 'The first' });
    await k.apply(
      application('traefik', 'acme/platform', 'manifests/platform/traefik', 'traefik'),
      application('shop', 'acme/shop', 'deploy', 'shop'),
    );
    for (const name of ['traefik', 'shop'])
      await expect.poll(() => state(name), { timeout: 300_000, interval: 500 }).toBe('Synced Healthy');
    lap('Traefik and the service Synced and Healthy');
    await expect.poll(() => visit().catch(String), { timeout: 60_000 }).toContain('hello from v1');
    lap('the service answers through Traefik');

    const second = performance.now();
    await images.addService({
      reference: 'ghcr.io/acme/shop:v2',
      folder: service(run, 'v2'),
      command: ['main.js'],
    });
    await hub.repository('acme/shop').commit({ files: deploy('v2'), message: 'The second' });
    await k('annotate', '-n', 'argocd', 'application/shop', 'argocd.argoproj.io/refresh=normal');
    await expect
      .poll(() => visit().catch(String), { timeout: 120_000, interval: 500 })
      .toContain('hello from v2');
    console.log(
      `the next version answers ${((performance.now() - second) / 1000).toFixed(1)} s after its commit`,
    );
    expect(run.broken.aborted).toBe(false);
  },
);

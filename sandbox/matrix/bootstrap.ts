import { cp, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { startArgocd } from '../argocd/start.ts';
import { seeded, seeds } from '../bare-cluster.ts';
import { everything } from '../control-plane/everything.ts';
import { type ControlPlane, controlPlane } from '../control-plane/index.ts';
import { resettable } from '../control-plane/reset.ts';
import { openEgress } from '../egress.ts';
import { exoscaleStandIn } from '../exoscale/index.ts';
import { caller, remembered, settled } from '../exoscale/testing.ts';
import { github } from '../github/index.ts';
import { kubectlShim } from '../kubectl-shim.ts';
import { openRun, type Run } from '../run.ts';
import { runAction } from '../runner.ts';
import { tool } from '../tools/build.ts';
import { pinned } from '../tools/parts.ts';
import { upstreams } from '../upstream/index.ts';
import { openGate } from './gate.ts';
import { quickly, type Subject } from './world.ts';

const credentials = { key: 'EXO0123456789abcdef01234567', secret: 'exoscale-secret-of-the-matrix' };
const administrator = { user: 'slipway', groups: ['system:masters'], ttlSeconds: 24 * 60 * 60 };
const root = join(import.meta.dirname, '../..');

/**
 * An empty cluster and a database service become what Argo CD goes on from. The root Application is all that it brings: what
 * comes after that is no call of bootstrap's.
 */
export async function bootstrap(): Promise<Subject> {
  const run = openRun();
  const workspace = await checkout(run);
  const hub = await github(run);
  await hub.seed({ 'acme/platform': workspace });
  for (const { repository, folder, tag } of await upstreams(['argoproj/argo-cd']))
    await hub.mirror(repository, folder, tag);
  const kubectl = await tool('kubectl');
  const shim = await kubectlShim(kubectl, join(run.folder, 'tmp'), { requestTimeout: '20s' });
  const outside = await openEgress(run, [{ host: 'github.com', target: hub.url }]);
  const argocd = await startArgocd(run, kubectl, outside.environment);
  const free: Cluster[] = [];
  let [clusters, worlds] = [0, 0];

  return {
    async close() {
      await run.close();
      await Promise.all([outside.close(), hub.close()]);
    },
    async open() {
      const { plane, reset } = free.pop() ?? (await cluster(run, `cluster-${clusters++}`));
      const gate = openGate();
      const inside = await gate.beforeCluster(await plane.kubeconfig(administrator));
      const hooks = remembered();
      const exoscale = await exoscaleStandIn({
        ...{ ...credentials, ...hooks },
        cluster: { ...hooks.cluster, kubeconfig: async () => inside },
      });
      const certificate = await ordered(exoscale.url);
      const complaints = hub.complaints.length;
      const egress = await openEgress(run, [
        { host: '*.exoscale.com', target: await gate.before('exoscale', exoscale.url) },
        { host: 'github.com', target: await gate.before('github', hub.url) },
      ]);
      const environment = run.environment({ ...egress.environment, ...quickly });
      const name = `world-${worlds++}`;
      await argocd.play(name, await plane.kubeconfig(administrator));
      const once = await madeOnce(plane);
      return {
        gate,
        async run(more) {
          const result = await runAction({
            ...{ action: 'bootstrap', cwd: workspace },
            inputs: {
              ...{ environment: 'staging', 'timeout-minutes': '2' },
              ...{ 'exoscale-api-key': credentials.key, 'exoscale-api-secret': credentials.secret },
              ...{ 'repository-token': 'reader', 'registry-token': 'puller', 'cloudflare-api-token': 'dns' },
            },
            env: { ...environment, PATH: [shim.folder, environment.PATH].join(delimiter) },
            ...more,
          });
          await once.look();
          return result;
        },
        state: async () => ({
          cluster: await everything(plane, seeds, [Buffer.from(certificate).toString('base64')]),
          account: exoscale.account,
          'made again': once.again,
        }),
        complaints: () => [
          ...exoscale.complaints,
          ...hub.complaints.slice(complaints),
          ...egress.refused,
          ...outside.refused,
        ],
        async close() {
          await argocd.stop(name);
          await egress.close();
          await gate.close();
          await exoscale.close();
          await reset();
          free.push({ plane, reset });
        },
      };
    },
  };
}

/** This checkout's manifests, with nothing for Argo CD to bring but the projects and the root itself. */
async function checkout(run: Run): Promise<string> {
  const workspace = join(run.folder, 'workspace');
  await mkdir(workspace);
  await cp(join(root, 'platform.yaml'), join(workspace, 'platform.yaml'));
  await cp(join(root, 'manifests'), join(workspace, 'manifests'), { recursive: true });
  const only = (folder: string, resources: string[]) =>
    writeFile(
      join(workspace, 'manifests', folder, 'kustomization.yaml'),
      JSON.stringify({ namespace: 'argocd', resources }),
    );
  await only('platform', ['projects.yaml']);
  await only('environments/staging', ['../../platform', 'root.yaml', 'project.yaml']);
  return workspace;
}

interface Cluster {
  plane: ControlPlane;
  reset(): Promise<void>;
}

async function cluster(run: Run, name: string): Promise<Cluster> {
  const plane = await controlPlane(run, { name });
  await plane.setNodes('pool', ['node-1']);
  return { plane, reset: await resettable(plane, join(run.folder, name)) };
}

/** What `apply` leaves: a cluster and a database service. @returns the authority of the latter */
async function ordered(url: string): Promise<string> {
  const call = caller(url, credentials);
  const version = pinned('kube-apiserver');
  for (const [path, body] of [
    ['/sks-cluster', { name: 'shop-staging', level: 'starter', version }],
    ['/dbaas-postgres/shop-staging', { plan: 'hobbyist-2' }],
  ] as const)
    await settled(call, (await call('POST', path, body)).body.id);
  return (await call('GET', '/dbaas-ca-certificate')).body.certificate;
}

/** Notices when a value that was there has become another one. */
async function madeOnce(plane: ControlPlane) {
  const known = new Map<string, string>();
  const again: string[] = [];
  return {
    again,
    async look() {
      for (const [each, values] of Object.entries(await seeded(plane))) {
        for (const [key, value] of Object.entries<string>(JSON.parse(values))) {
          const name = `${each} ${key}`;
          if (known.has(name) && known.get(name) !== value) again.push(name);
          known.set(name, value);
        }
      }
    },
  };
}

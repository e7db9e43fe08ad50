import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlPlane } from './control-plane/index.ts';
import { caller } from './exoscale/testing.ts';
import { type KubectlShim, kubectlShim, type ShimOptions } from './kubectl-shim.ts';
import { runAction, type Step, type StepResult } from './runner.ts';
import { openSandbox, type Sandbox, type SandboxOptions } from './sandbox.ts';
import { type Shop, seedShop } from './shop.ts';
import { tool } from './tools/build.ts';
import { pinned } from './tools/parts.ts';

/** A sandbox in which staging has its cluster and its database, made through the API, and nothing in the cluster yet. */
export interface ClusterWorld {
  sandbox: Sandbox;
  shop: Shop;
  cluster: ControlPlane;
  /** Commits to the platform repository, and checks it out. Returns the commit. */
  commit(files: Record<string, string>): Promise<string>;
  /** One step on what was committed last, with kubectl as it is or as it is told to be, and more in the environment. */
  step(
    action: string,
    inputs?: Record<string, string>,
    more?: { kubectl?: KubectlShim; env?: Record<string, string> } & Pick<Step, 'started' | 'github'>,
  ): Promise<StepResult>;
  shim(options: ShimOptions): Promise<KubectlShim>;
  close(): Promise<void>;
}

export async function clusterWorld(options?: SandboxOptions): Promise<ClusterWorld> {
  const sandbox = await openSandbox(options);
  const { EXOSCALE_API_KEY: key, EXOSCALE_API_SECRET: secret } = sandbox.secrets;
  const call = caller(sandbox.exoscale.url, { key, secret });
  await call('POST', '/sks-cluster', {
    name: 'shop-staging',
    level: 'starter',
    version: pinned('kube-apiserver'),
  });
  await call('POST', '/dbaas-postgres/shop-staging', { plan: 'hobbyist-2' });
  const shop = await seedShop(sandbox);
  const cluster = await running(sandbox);
  await cluster.setNodes('pool', ['node-1']);
  const workspace = join(sandbox.run.folder, 'workspace');

  async function commit(files: Record<string, string>): Promise<string> {
    for (const [file, text] of Object.entries(files)) {
      await mkdir(dirname(join(workspace, file)), { recursive: true });
      await writeFile(join(workspace, file), text);
    }
    return sandbox.github.repository(shop.platform).commit({ files, message: 'Change the platform' });
  }
  await commit(shop.files);

  return {
    ...{ sandbox, shop, cluster, commit },
    shim: async options => kubectlShim(await tool('kubectl'), join(sandbox.run.folder, 'tmp'), options),
    async step(action, inputs = {}, { kubectl, env: given, started, github } = {}) {
      const outside = await sandbox.environment();
      const path = kubectl ? `${kubectl.folder}:${outside.PATH}` : outside.PATH;
      const env = { ...outside, ...sandbox.secrets, ...(path && { PATH: path }), ...given };
      return runAction({
        ...{ action, cwd: workspace, env, inputs: { environment: 'staging', ...inputs } },
        ...(started && { started }),
        ...(github && { github }),
      });
    },
    close: sandbox.close,
  };
}

async function running(sandbox: Sandbox): Promise<ControlPlane> {
  for (const deadline = Date.now() + 90_000; Date.now() < deadline; await sleep(100)) {
    const { clusters, databases } = sandbox.exoscale.account.zones['ch-gva-2'] ?? {};
    const plane = sandbox.controlPlane('shop-staging');
    if (plane && clusters?.[0]?.state === 'running' && databases?.[0]?.state === 'running') return plane;
  }
  throw new Error('The cluster or the database of staging was not up within 90 s');
}

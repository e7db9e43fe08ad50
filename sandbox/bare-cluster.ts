import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterWorld } from './cluster-world.ts';
import { type ControlPlane, controlPlane } from './control-plane/index.ts';
import type { StepResult } from './runner.ts';

/** A cluster without a node, in which all that bootstrap itself does is done and nothing else happens. */
export interface BareCluster {
  plane: ControlPlane;
  /** A bootstrap, which is killed where it would begin to wait, and the calls of its kubectl. */
  run(): Promise<{ result: StepResult; calls: string[] }>;
}

/** Calls with this argument are those of a bootstrap that has done its work and begins to wait. */
export const waits = 'nodes';

export async function bareCluster(world: ClusterWorld, name: string): Promise<BareCluster> {
  const plane = await controlPlane(world.sandbox.run, { name });
  const kubeconfig = join(world.sandbox.run.folder, `${name}.yaml`);
  const subject = { user: 'somebody', groups: ['system:masters'], ttlSeconds: 3600 };
  await writeFile(kubeconfig, await plane.kubeconfig(subject), { mode: 0o600 });
  return {
    plane,
    async run() {
      const shim = await world.shim({ killAt: waits });
      const result = await world.step('bootstrap', { kubeconfig }, { kubectl: shim });
      return { result, calls: await shim.calls() };
    },
  };
}

/** What bootstrap makes once, and must never make again. */
export const seeds = ['argocd/argocd-secret', 'argocd/argocd-redis', 'shop/user-manager-keys'];

/** The values that are made once. */
export const seeded = async ({ api }: ControlPlane): Promise<Record<string, string>> => {
  const secrets: Record<string, string> = {};
  for (const each of seeds) {
    const path = `/api/v1/namespaces/${each.replace('/', '/secrets/')}`;
    const { body } = await api<{ data?: Record<string, string> }>('GET', path);
    secrets[each] = JSON.stringify(body.data ?? {});
  }
  return secrets;
};

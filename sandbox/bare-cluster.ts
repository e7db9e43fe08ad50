import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterWorld } from './cluster-world.ts';
import { type ControlPlane, controlPlane } from './control-plane/index.ts';
import type { ShimOptions } from './kubectl-shim.ts';
import type { Step, StepResult } from './runner.ts';

/** A cluster without a node, in which all that bootstrap itself does is done and nothing else happens. */
export interface BareCluster {
  plane: ControlPlane;
  /** A bootstrap, which is killed where it would begin to wait, and the calls of its kubectl. */
  run(options?: ShimOptions, started?: Step['started']): Promise<{ result: StepResult; calls: string[] }>;
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
    async run(options = {}, started) {
      const shim = await world.shim({ killAt: waits, ...options });
      const result = await world.step(
        'bootstrap',
        { kubeconfig },
        { kubectl: shim, ...(started && { started }) },
      );
      return { result, calls: await shim.calls() };
    },
  };
}

interface Listed {
  items: { metadata: Record<string, string | undefined>; status?: unknown; data?: Record<string, string> }[];
}

const lists = [
  ...['namespaces', 'secrets', 'configmaps', 'services', 'serviceaccounts'].map(each => `/api/v1/${each}`),
  ...['deployments', 'statefulsets'].map(each => `/apis/apps/v1/${each}`),
  ...['clusterroles', 'clusterrolebindings', 'roles', 'rolebindings'].map(
    each => `/apis/rbac.authorization.k8s.io/v1/${each}`,
  ),
  '/apis/networking.k8s.io/v1/networkpolicies',
  '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
  ...['applications', 'appprojects'].map(each => `/apis/argoproj.io/v1alpha1/${each}`),
];

/** By kind and name a digest of all that is there: without what the API server counts and stamps, and of Secrets that are
 * made here only the keys. */
export async function everything({ api }: ControlPlane): Promise<Record<string, string>> {
  const found = await Promise.all(
    lists.map(async path => {
      const { body } = await api<Listed>('GET', path);
      return (body.items ?? []).map(({ metadata, status: _, ...rest }) => {
        const { uid, resourceVersion, creationTimestamp, generation, managedFields, ...named } = metadata;
        const made = path.endsWith('secrets') && named.name !== 'database';
        const text = JSON.stringify({ named, ...(made ? { keys: Object.keys(rest.data ?? {}) } : rest) })
          .replaceAll(String(uid), 'uid')
          .replace(/"clusterIPs?":(\[[^\]]*\]|"[^"]*")/g, '"clusterIP"');
        const title = `${path.split('/').at(-1)} ${named.namespace ?? ''}/${named.name}`;
        return [title, createHash('sha256').update(text).digest('hex').slice(0, 12)] as const;
      });
    }),
  );
  // A cluster's own, which has its certificate and its port in it.
  const ours = found.flat().filter(([title]) => !/kube-root-ca| (default|kube-\w+)\//.test(title));
  return Object.fromEntries(ours);
}

/** The values that are made once. */
export const seeded = async ({ api }: ControlPlane): Promise<Record<string, string>> => {
  const secrets = { 'argocd/argocd-secret': '', 'argocd/argocd-redis': '', 'shop/user-manager-keys': '' };
  for (const each of Object.keys(secrets)) {
    const [namespace, name] = each.split('/');
    const { body } = await api<{ data?: Record<string, string> }>(
      'GET',
      `/api/v1/namespaces/${namespace}/secrets/${name}`,
    );
    secrets[each as keyof typeof secrets] = JSON.stringify(body.data ?? {});
  }
  return secrets;
};

import type { ClusterWorld } from '../../sandbox/cluster-world.ts';

interface Found {
  data?: Record<string, string>;
}

/** What is in the cluster of staging. */
export function inside(world: () => ClusterWorld) {
  const get = async (path: string): Promise<Found | undefined> => {
    const { status, body } = await world().cluster.api('GET', path);
    return status === 200 ? (body as Found) : undefined;
  };
  const secret = async (namespace: string, name: string): Promise<Record<string, string>> =>
    (await get(`/api/v1/namespaces/${namespace}/secrets/${name}`))?.data ?? {};
  return {
    get,
    /** All secrets that bootstrap makes, with their values as Kubernetes encodes them. */
    secrets: async () => ({
      redis: await secret('argocd', 'argocd-redis'),
      server: await secret('argocd', 'argocd-secret'),
      keys: await secret('shop', 'user-manager-keys'),
      database: await secret('shop', 'database'),
      repositories: await secret('argocd', 'repositories-acme'),
      issuer: await secret('cert-manager', 'cloudflare-api-token'),
      registry: await secret('shop', 'registry'),
    }),
  };
}

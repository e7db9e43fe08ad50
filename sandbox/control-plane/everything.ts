import { createHash } from 'node:crypto';
import type { ControlPlane } from './index.ts';

const lists = [
  ...['namespaces', 'secrets', 'configmaps', 'services', 'serviceaccounts'].map(each => `/api/v1/${each}`),
  ...['deployments', 'statefulsets'].map(each => `/apis/apps/v1/${each}`),
  ...['clusterroles', 'clusterrolebindings', 'roles', 'rolebindings'].map(
    each => `/apis/rbac.authorization.k8s.io/v1/${each}`,
  ),
  '/apis/networking.k8s.io/v1/networkpolicies',
  '/apis/policy/v1/poddisruptionbudgets',
  '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
  ...['applications', 'appprojects'].map(each => `/apis/argoproj.io/v1alpha1/${each}`),
];

interface Listed {
  items: {
    metadata: Record<string, string | undefined>;
    status?: unknown;
    data?: Record<string, string>;
  }[];
}

/**
 * By kind and name a digest of all that somebody has put into a cluster: without what the API server counts and stamps.
 * @throws Error when something cannot be listed, which is not the same as that there is none
 * @param random Secrets of which only the keys count, as `NAMESPACE/NAME`
 * @param made texts that are others in each world, and mean the same
 */
export async function everything(
  { api }: ControlPlane,
  random: readonly string[],
  made: readonly string[] = [],
): Promise<Record<string, string>> {
  const found = await Promise.all(
    lists.map(async path => {
      const { status, body } = await api<Listed>('GET', path);
      // Kinds that nobody has defined yet.
      if (status === 404 && path.startsWith('/apis/argoproj.io/')) return [];
      if (status !== 200) throw new Error(`GET ${path} was answered with ${status}: ${JSON.stringify(body)}`);
      return body.items.map(({ metadata, status: _, ...rest }) => {
        const { uid, resourceVersion, creationTimestamp, generation, managedFields, ...named } = metadata;
        const isRandom = path.endsWith('/secrets') && random.includes(`${named.namespace}/${named.name}`);
        const content = isRandom ? { keys: Object.keys(rest.data ?? {}) } : rest;
        const text = [String(uid), ...made]
          .reduce((text, each) => text.replaceAll(each, 'made'), JSON.stringify({ named, ...content }))
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

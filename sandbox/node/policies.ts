import { type Api, expectOk } from '../control-plane/api.ts';

/** Who enforces NetworkPolicies, to the API server. */
export const enforcer = 'system:kube-router';

const metadata = { name: enforcer };
const apiGroup = 'rbac.authorization.k8s.io';
const reads = (group: string, ...resources: string[]) => ({
  ...{ apiGroups: [group], resources, verbs: ['get', 'list', 'watch'] },
});

/** It waits until it has seen all of these, although policies speak of the first three and the last only; it writes nothing. */
const objects: Record<string, object> = {
  clusterroles: {
    metadata,
    rules: [
      reads('', 'pods', 'namespaces', 'nodes', 'services', 'endpoints'),
      reads('discovery.k8s.io', 'endpointslices'),
      reads('networking.k8s.io', 'networkpolicies'),
    ],
  },
  clusterrolebindings: {
    metadata,
    roleRef: { apiGroup, kind: 'ClusterRole', name: enforcer },
    subjects: [{ apiGroup, kind: 'User', name: enforcer }],
  },
};

/** Lets it read what it must know. */
export async function allowEnforcer(api: Api): Promise<void> {
  await Promise.all(
    Object.entries(objects).map(([kind, body]) =>
      expectOk(api('POST', `/apis/${apiGroup}/v1/${kind}`, body)),
    ),
  );
}

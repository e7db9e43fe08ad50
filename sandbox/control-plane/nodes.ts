import { type Api, expectOk } from './api.ts';

/** SKS labels each node with the id of its node pool. */
export const poolLabel = 'node.exoscale.net/nodepool-id';

interface NodeList {
  items: { metadata: { name: string } }[];
}

/** Makes the nodes of a pool exactly these; kwok then reports them Ready. */
export async function setNodes(api: Api, pool: string, names: string[]): Promise<void> {
  const selector = encodeURIComponent(`${poolLabel}=${pool}`);
  const { body } = await api<NodeList>('GET', `/api/v1/nodes?labelSelector=${selector}`);
  const present = new Set(body.items.map(node => node.metadata.name));
  const added = names.filter(name => !present.has(name));
  const removed = [...present].filter(name => !names.includes(name));
  await Promise.all([
    ...added.map(name => expectOk(api('POST', '/api/v1/nodes', node(name, pool)))),
    ...removed.map(name => expectOk(api('DELETE', `/api/v1/nodes/${name}`))),
  ]);
}

function node(name: string, pool: string) {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        [poolLabel]: pool,
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
      },
    },
    // A medium instance; kwok would offer a thousand processors.
    status: {
      allocatable: { cpu: '2', memory: '4Gi', pods: '110', 'ephemeral-storage': '50Gi' },
      capacity: { cpu: '2', memory: '4Gi', pods: '110', 'ephemeral-storage': '50Gi' },
    },
  };
}

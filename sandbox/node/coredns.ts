import { type Api, expectOk } from '../control-plane/api.ts';

/** Where, in the machine, CoreDNS reads the names of the outside world; it looks every second. */
const namesFolder = '/run/names';
export const namesFile = `${namesFolder}/hosts`;

/** `hosts` as /etc/hosts has them. */
export const hostsFile = (names: Record<string, string>): string =>
  Object.entries(names)
    .map(([name, address]) => `${address} ${name}\n`)
    .join('');

/** Three zones: the cluster's, the sandbox's own names, and the rest of the world, which does not exist: at once. */
const corefile = `
cluster.local in-addr.arpa {
  errors
  ready
  kubernetes cluster.local in-addr.arpa {
    pods insecure
    ttl 5
  }
}
. {
  errors
  hosts ${namesFile} {
    ttl 5
    reload 1s
    fallthrough
  }
  file /etc/coredns/nowhere .
}
`;

/** A root zone in which there is nothing. */
const nowhere = `
. 5 IN SOA nowhere. nobody.nowhere. 1 5 5 5 5
. 5 IN NS nowhere.
`;

const name = 'coredns';
const namespace = 'kube-system';
const metadata = { name, namespace, labels: { 'k8s-app': 'kube-dns' } };
const ports = [
  { name: 'dns', port: 53, protocol: 'UDP' },
  { name: 'dns-tcp', port: 53, protocol: 'TCP' },
];

/** As kubeadm installs it, except for the Corefile. The Service's name is the one that everybody knows it by. */
const objects = (image: string, address: string): Record<string, object> => ({
  [`/api/v1/namespaces/${namespace}/serviceaccounts`]: { metadata },
  '/apis/rbac.authorization.k8s.io/v1/clusterroles': {
    metadata: { name: `system:${name}` },
    rules: [
      {
        apiGroups: [''],
        resources: ['endpoints', 'services', 'pods', 'namespaces'],
        verbs: ['list', 'watch'],
      },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
    ],
  },
  '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings': {
    metadata: { name: `system:${name}` },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: `system:${name}` },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  },
  [`/api/v1/namespaces/${namespace}/configmaps`]: { metadata, data: { Corefile: corefile, nowhere } },
  [`/api/v1/namespaces/${namespace}/services`]: {
    metadata: { ...metadata, name: 'kube-dns' },
    spec: { clusterIP: address, selector: metadata.labels, ports },
  },
  [`/apis/apps/v1/namespaces/${namespace}/deployments`]: {
    metadata,
    spec: {
      selector: { matchLabels: metadata.labels },
      template: {
        metadata: { labels: metadata.labels },
        spec: {
          serviceAccountName: name,
          priorityClassName: 'system-cluster-critical',
          dnsPolicy: 'Default',
          // Port 53 without root; upstream's image has a file capability for it.
          securityContext: { sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '53' }] },
          containers: [
            {
              name,
              image,
              args: ['-conf', '/etc/coredns/Corefile'],
              ports: ports.map(({ port, ...rest }) => ({ ...rest, containerPort: port })),
              readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 1 },
              resources: { requests: { cpu: '50m', memory: '32Mi' }, limits: { memory: '170Mi' } },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
              volumeMounts: [
                { name: 'config', mountPath: '/etc/coredns', readOnly: true },
                { name: 'names', mountPath: namesFolder, readOnly: true },
              ],
            },
          ],
          volumes: [
            { name: 'config', configMap: { name } },
            { name: 'names', hostPath: { path: namesFolder, type: 'DirectoryOrCreate' } },
          ],
        },
      },
    },
  },
});

/** Installs it; it runs as soon as there is a node. */
export async function installCoreDns(api: Api, image: string, address: string): Promise<void> {
  await Promise.all(
    Object.entries(objects(image, address)).map(([path, body]) => expectOk(api('POST', path, body))),
  );
}

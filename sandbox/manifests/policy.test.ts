import { expect, test } from 'vitest';
import { parseManifests } from '../argocd/kustomize.ts';
import { rules, violations } from './policy.ts';

const good = `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  annotations: { argocd.argoproj.io/sync-options: "Delete=false,Prune=false" }
  labels: { pod-security.kubernetes.io/enforce: restricted }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: default-deny, namespace: shop }
spec: { podSelector: {}, policyTypes: [Ingress, Egress] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  template:
    metadata: { labels: { app: web } }
    spec:
      securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }
      topologySpreadConstraints: [{ maxSkew: 1 }]
      containers:
        - name: main
          image: registry.example:5000/web:v1
          ports: [{ containerPort: 8080 }]
          readinessProbe: {}
          livenessProbe: {}
          resources: { requests: { cpu: 1m, memory: 1Mi }, limits: { cpu: 1m, memory: 1Mi } }
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: [ALL] } }
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: web, namespace: shop }
spec: { scaleTargetRef: { kind: Deployment, name: web }, minReplicas: 2 }
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: web, namespace: shop }
spec: { maxUnavailable: 1, selector: { matchLabels: { app: web } } }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { type: NodePort }
---
apiVersion: v1
kind: Secret
metadata: { name: filled-in-the-cluster, namespace: shop }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: web }
rules: [{ apiGroups: [""], resources: [services], verbs: ["*"] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: web }
roleRef: { kind: ClusterRole, name: web }
`;

const found = (text: string) =>
  violations(parseManifests(text)).map(({ rule, object, message }) => `${rule} | ${object}: ${message}`);

test('what keeps every rule has no violation', () => expect(found(good)).toEqual([]));

const main = 'Deployment shop/web: container main';
const init = `initContainers: [{ name: first, image: "web:v1", resources: { requests: { cpu: 1m, memory: 1Mi }, limits: { cpu: 1m, memory: 1Mi } }, securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true } }]`;

const table: [keyof typeof rules, string, string, string][] = [
  ['no privilege', 'allowPrivilegeEscalation: false', 'privileged: true', `${main} is privileged`],
  ['no privilege', 'allowPrivilegeEscalation: false, ', '', `${main} does not forbid privilege escalation`],
  ['no root', 'runAsNonRoot: true, ', '', `${main} may run as root`],
  ['no root', 'runAsNonRoot: true', 'runAsNonRoot: true, runAsUser: 0', `${main} runs as root`],
  ['no capabilities', ', capabilities: { drop: [ALL] }', '', `${main} does not drop ALL capabilities`],
  ['no capabilities', 'drop: [ALL]', 'drop: [ALL], add: [NET_ADMIN]', `${main} adds capabilities`],
  [
    'no capabilities',
    'containers:',
    `${init}\n      containers:`,
    'Deployment shop/web: container first does not drop ALL capabilities',
  ],
  ['seccomp', 'RuntimeDefault', 'Unconfined', `${main} has not the seccomp profile RuntimeDefault`],
  ['read-only root', 'readOnlyRootFilesystem: true, ', '', `${main} may write to its root file system`],
  [
    'a fixed image',
    ':v1\n',
    ':latest\n',
    `${main} has the image registry.example:5000/web:latest, which moves`,
  ],
  ['a fixed image', ':v1\n', '\n', `${main} has the image registry.example:5000/web, which moves`],
  [
    'requests and limits',
    'limits: { cpu: 1m, ',
    'limits: { ',
    `${main} has not all of its requests and limits`,
  ],
  ['probes', 'livenessProbe: {}', '', `${main} has not both probes`],
  [
    'nothing of the host',
    'securityContext: { runAs',
    'hostNetwork: true\n      securityContext: { runAs',
    'Deployment shop/web: shares a namespace of the host',
  ],
  [
    'nothing of the host',
    'securityContext: { runAs',
    'volumes: [{ hostPath: {} }]\n      securityContext: { runAs',
    'Deployment shop/web: mounts a folder of the host',
  ],
  [
    'nothing of the host',
    'containerPort: 8080',
    'hostPort: 80',
    'Deployment shop/web: takes a port of the host',
  ],
  [
    'several have a budget and are spread',
    'matchLabels: { app: web }',
    'matchLabels: { app: other }',
    'Deployment shop/web: has no PodDisruptionBudget that lets one go at a time',
  ],
  [
    'several have a budget and are spread',
    'maxUnavailable: 1',
    'minAvailable: 2',
    'Deployment shop/web: has no PodDisruptionBudget that lets one go at a time',
  ],
  [
    'several have a budget and are spread',
    'matchLabels: { app: web }',
    'matchExpressions: []',
    'Deployment shop/web: has no PodDisruptionBudget that lets one go at a time',
  ],
  [
    'several have a budget and are spread',
    'topologySpreadConstraints: [{ maxSkew: 1 }]',
    '',
    'Deployment shop/web: is not spread over the nodes',
  ],
  [
    'what takes others with it stays',
    'Delete=false,Prune=false',
    'Delete=false',
    'Namespace shop: may be deleted by Argo CD, with all that is in it or of its kind',
  ],
  [
    'a namespace closes itself',
    'policyTypes: [Ingress, Egress]',
    'policyTypes: [Ingress]',
    'Namespace shop: has no NetworkPolicy that denies everything',
  ],
  [
    'a namespace closes itself',
    'podSelector: {}, ',
    'podSelector: {}, egress: [{}], ',
    'Namespace shop: has no NetworkPolicy that denies everything',
  ],
  [
    'a namespace closes itself',
    'enforce: restricted',
    'enforce: baseline',
    'Namespace shop: does not enforce Pod Security restricted',
  ],
  [
    'no secret in git',
    'metadata: { name: filled-in-the-cluster',
    'stringData: { a: b }\nmetadata: { name: x',
    'Secret shop/x: has its values in git',
  ],
  [
    'no load balancer of its own',
    'NodePort',
    'LoadBalancer',
    'Service shop/web: is of type LoadBalancer, which Terraform would not know of',
  ],
  [
    'no administrators',
    'resources: [services]',
    'resources: ["*"]',
    'ClusterRole web: may do everything to everything',
  ],
  [
    'no administrators',
    'kind: ClusterRole, name: web',
    'kind: ClusterRole, name: cluster-admin',
    'ClusterRoleBinding web: makes a cluster-admin',
  ],
];

test.each(table)('%s: %j becomes %j', (rule, from, to, message) => {
  const bad = good.replace(from, to);
  expect(bad).not.toBe(good);
  expect(found(bad)).toEqual([`${rule} | ${message}`]);
});

test('every rule is in the table', () =>
  expect(new Set(table.map(([rule]) => rule))).toEqual(new Set(Object.keys(rules))));

import { randomUUID } from 'node:crypto';

// The objects are kept in the API's own words and shapes, so that what is answered and what a person inspects is one thing.

export interface Reference {
  id: string;
}

export interface Nodepool extends Reference {
  name: string;
  description?: string;
  size: number;
  'disk-size': number;
  'instance-prefix': string;
  'instance-type': Reference;
  'instance-pool': Reference;
  template: Reference;
  version: string;
  state: 'creating' | 'running' | 'scaling' | 'updating' | 'deleting' | 'error';
  'created-at': string;
  'anti-affinity-groups': Reference[];
  'security-groups': Reference[];
  labels: Record<string, string>;
  taints: Record<string, { value: string; effect: string }>;
}

export interface Cluster extends Reference {
  name: string;
  description?: string;
  level: string;
  cni?: string;
  version: string;
  state: 'creating' | 'running' | 'updating' | 'upgrading' | 'deleting' | 'error';
  'created-at': string;
  endpoint?: string;
  addons: string[];
  labels: Record<string, string>;
  'feature-gates': string[];
  'auto-upgrade': boolean;
  'enable-kube-proxy': boolean;
  nodepools: Nodepool[];
}

export interface Manager extends Reference {
  type: 'instance-pool' | 'sks-nodepool';
}

export interface Instance extends Reference {
  name: string;
  'created-at': string;
  state: 'running';
  'public-ip': string;
  'instance-type': Reference;
  template: Reference;
  'disk-size': number;
  manager?: Manager;
  labels: Record<string, string>;
  'anti-affinity-groups': Reference[];
  'security-groups': Reference[];
}

export interface InstancePool extends Reference {
  name: string;
  size: number;
  'disk-size': number;
  'instance-prefix': string;
  'instance-type': Reference;
  template: Reference;
  state: 'running';
  manager?: Manager;
  labels: Record<string, string>;
  'anti-affinity-groups': Reference[];
  'security-groups': Reference[];
  instances: Reference[];
}

export interface LoadBalancerService extends Reference {
  name: string;
  description?: string;
  state: 'creating' | 'running';
  port: number;
  'target-port': number;
  protocol: 'tcp' | 'udp';
  strategy: string;
  'instance-pool': Reference;
  healthcheck: { mode: string; port: number; interval: number; timeout: number; retries: number };
}

export interface LoadBalancer extends Reference {
  name: string;
  description?: string;
  labels: Record<string, string>;
  ip: string;
  state: 'creating' | 'running' | 'deleting';
  'created-at': string;
  services: LoadBalancerService[];
}

export interface Rule extends Reference {
  'flow-direction': 'ingress' | 'egress';
  protocol: string;
  description?: string;
  network?: string;
  'start-port'?: number;
  'end-port'?: number;
  icmp?: { type?: number; code?: number };
  'security-group'?: { id?: string; name?: string };
}

export interface SecurityGroup extends Reference {
  name: string;
  description?: string;
  rules: Rule[];
}

export interface AntiAffinityGroup extends Reference {
  name: string;
  description?: string;
}

export interface Database {
  name: string;
  type: 'pg';
  plan: string;
  zone: string;
  state: 'rebuilding' | 'running' | 'poweroff';
  'created-at': string;
  'updated-at': string;
  'disk-size': number;
  'node-count': number;
  'node-cpu-count': number;
  'node-memory': number;
  'termination-protection': boolean;
  'ip-filter': string[];
  'backup-schedule': { 'backup-hour'?: number; 'backup-minute'?: number };
  maintenance: { dow: string; time: string; updates: never[] };
  version: string;
  users: { type: 'primary' | 'normal'; username: string; 'allow-replication'?: boolean }[];
  databases: string[];
  components: { component: string; host: string; port: number; route: string; usage: string }[];
  'uri-params'?: Record<string, string>;
  'pg-settings'?: Record<string, unknown>;
  'pgbouncer-settings'?: Record<string, unknown>;
  'pglookout-settings'?: Record<string, unknown>;
}

export interface Volume extends Reference {
  name: string;
  size: number;
  state: 'attached' | 'detached';
  'created-at': string;
  labels: Record<string, string>;
  instance?: Reference;
}

/** What stands in one zone. Security groups and anti-affinity groups are the organization's, the same from every zone. */
export interface Zone {
  clusters: Cluster[];
  instancePools: InstancePool[];
  instances: Instance[];
  loadBalancers: LoadBalancer[];
  volumes: Volume[];
  databases: Database[];
}

/** All that one organization has at Exoscale. */
export interface Account {
  zones: Record<string, Zone>;
  securityGroups: SecurityGroup[];
  antiAffinityGroups: AntiAffinityGroup[];
}

/** https://www.exoscale.com/datacenters/ */
export const zoneNames = [
  'ch-gva-2',
  'ch-dk-2',
  'at-vie-1',
  'at-vie-2',
  'bg-sof-1',
  'de-fra-1',
  'de-muc-1',
  'hr-zag-1',
];

export const emptyAccount = (): Account => ({
  zones: Object.fromEntries(
    zoneNames.map(name => [
      name,
      { clusters: [], instancePools: [], instances: [], loadBalancers: [], volumes: [], databases: [] },
    ]),
  ),
  securityGroups: [],
  antiAffinityGroups: [],
});

export const newId = (): string => randomUUID();

/** The first address of a /24 that is free; .1 to .9 are left to whoever builds the network around. */
export function freeAddress(network: string, taken: Iterable<string>): string {
  const used = new Set(taken);
  for (let host = 10; host < 255; host++) {
    const address = `${network}.${host}`;
    if (!used.has(address)) return address;
  }
  throw new Error(`${network}.0/24 has no free address left`);
}

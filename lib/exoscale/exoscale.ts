import { UserError } from '../runner/errors.ts';
import {
  type Connection,
  connection,
  type Database,
  ensureDatabase,
  filterDatabase,
  findDatabase,
  unprotectDatabase,
} from './databases.ts';
import { type Leftover, leftovers, type Sought } from './leftovers.ts';
import { list } from './lists.ts';
import { type Mark, removeMarked } from './marked.ts';
import { type Credentials, type Machine, NotFound, realMachine, sender } from './request.ts';

export type { Connection, Database } from './databases.ts';
export type { Leftover, Sought } from './leftovers.ts';
export type { Mark } from './marked.ts';
export { assertCredentials, type Credentials } from './request.ts';

export interface Cluster {
  id: string;
  name: string;
  version: string;
  /** `running` when it can be used. */
  state: string;
  /** Where its Kubernetes API is. */
  endpoint?: string;
}

export interface LoadBalancer {
  id: string;
  name: string;
  ip: string;
}

/** What is known of a thing without asking for its details. A database's id is its name. */
export interface Thing {
  id?: string;
  name: string;
  description?: string;
  labels?: Record<string, string>;
  nodepools?: Part[];
  services?: Part[];
  rules?: Rule[];
}

interface Part {
  id: string;
  name: string;
  description?: string;
  labels?: Record<string, string>;
}

/** Of a security group. */
export interface Rule {
  id: string;
  description?: string;
  protocol?: string;
  'flow-direction'?: string;
  'start-port'?: number;
  'end-port'?: number;
  icmp?: { type?: number; code?: number };
  network?: string;
  'security-group'?: { id?: string };
}

/** The path of a list, and where in the answer the list is. */
const properties = {
  'sks-cluster': 'sks-clusters',
  'load-balancer': 'load-balancers',
  'security-group': 'security-groups',
  'anti-affinity-group': 'anti-affinity-groups',
  'dbaas-service': 'dbaas-services',
} as const;
export type ThingKind = keyof typeof properties;

export interface Subject {
  user: string;
  groups: string[];
  ttlSeconds: number;
}

/** Exoscale's API in one zone. Every failure is a UserError of one sentence; nothing is sent without key and secret. */
export interface Exoscale {
  readonly zone: string;
  /** @throws UserError when there are two of that name */
  findCluster(name: string): Promise<Cluster | undefined>;
  hasCluster(id: string): Promise<boolean>;
  /** All that there is of a kind, others' things too. */
  things(kind: ThingKind): Promise<Thing[]>;
  /** A fresh kubeconfig as YAML. It is a credential. */
  kubeconfig(clusterId: string, subject: Subject): Promise<string>;
  /** @throws UserError when there are two of that name */
  findLoadBalancer(name: string): Promise<LoadBalancer | undefined>;
  /** A PostgreSQL service: its users and databases, and where it is. */
  findDatabase(service: string): Promise<Database | undefined>;
  /**
   * How `user` reaches `database` in the PostgreSQL service; both are created when they are not there.
   * The password in the answer is to be masked.
   */
  ensureDatabase(service: string, wanted: { user: string; database: string }): Promise<Connection>;
  /** How a user reaches a database, both of which are there. The password in the answer is to be masked. */
  connection(service: string, wanted: { user: string; database: string }): Promise<Connection>;
  /** Lets these networks reach a database service, and no other. */
  filterDatabase(service: string, networks: readonly string[]): Promise<void>;
  /** Takes the termination protection off a database service; false when there was none to take off. */
  unprotectDatabase(service: string): Promise<boolean>;
  /** Deletes a thing with all that is in it, if it carries the mark now; false when it does not, or may hold data. */
  removeMarked(thing: Leftover, mark: Mark): Promise<boolean>;
  /** What is there of an environment, for a table before and after a teardown. Changes nothing. */
  leftovers(sought: Sought): Promise<Leftover[]>;
}

export function exoscale(credentials: Credentials, machine: Machine = realMachine): Exoscale {
  const { zone } = credentials;
  const send = sender(credentials, machine);

  /** A created thing whose answer was lost is created again by Terraform's provider, which then knows only the second. */
  async function only<T extends { id: string; name: string }>(
    what: string,
    all: Promise<T[]>,
    name: string,
  ): Promise<T | undefined> {
    const [first, ...others] = (await all).filter(entry => entry.name === name);
    if (others.length > 0)
      throw new UserError(
        `There are ${others.length + 1} ${what}s named ${name} in ${zone} (${[first, ...others].map(entry => entry?.id).join(', ')}): delete the one that Terraform's state does not know`,
      );
    return first;
  }

  return {
    zone,
    findCluster: name => only('SKS cluster', list<Cluster>(send, 'sks-cluster', 'sks-clusters'), name),
    findLoadBalancer: name =>
      only('load balancer', list<LoadBalancer>(send, 'load-balancer', 'load-balancers'), name),
    async hasCluster(id) {
      try {
        await send('GET', `/sks-cluster/${id}`);
        return true;
      } catch (error) {
        if (error instanceof NotFound) return false;
        throw error;
      }
    },
    things: kind => list<Thing>(send, kind, properties[kind]),
    async kubeconfig(clusterId, { user, groups, ttlSeconds }) {
      const { kubeconfig } = await send<{ kubeconfig?: string }>(
        'POST',
        `/sks-cluster-kubeconfig/${clusterId}`,
        // A second one harms nobody: it is a certificate that runs out by itself.
        { body: { user, groups, ttl: ttlSeconds }, repeatable: true },
      );
      if (!kubeconfig) throw new UserError(`Exoscale gave an empty kubeconfig for the cluster ${clusterId}`);
      return Buffer.from(kubeconfig, 'base64').toString('utf8');
    },
    findDatabase: service => findDatabase(send, service),
    ensureDatabase: (service, wanted) => ensureDatabase(send, machine, service, wanted),
    connection: (service, wanted) => connection(send, service, wanted),
    filterDatabase: (service, networks) => filterDatabase(send, machine, service, networks),
    unprotectDatabase: service => unprotectDatabase(send, machine, service),
    removeMarked: (thing, mark) => removeMarked(send, machine, thing, mark),
    leftovers: sought => leftovers(send, sought),
  };
}

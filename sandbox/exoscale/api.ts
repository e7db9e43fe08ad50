import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Account, LoadBalancer, Zone } from './account.ts';
import type { Operations } from './operations.ts';

/** What stands behind an SKS cluster. Whatever is awaited here keeps the API's operation pending. */
export interface ClusterHook {
  /** @returns the address of the Kubernetes API and the PEM certificate of its authority */
  create(name: string, where: { id: string; zone: string }): Promise<{ endpoint: string; ca: string }>;
  delete(id: string): Promise<void>;
  /** A kubeconfig as YAML, for `user` in `groups`. */
  kubeconfig(id: string, subject: { user: string; groups: string[]; ttlSeconds: number }): Promise<string>;
  /** The nodes of a pool are exactly these from now on; none when the pool is deleted. */
  scale(id: string, pool: string, nodeNames: string[]): Promise<void>;
}

/** What stands behind a PostgreSQL service. */
export interface DatabaseServer {
  host: string;
  port: number;
  /** What clients are told to use; the real service's `require` unless told. */
  sslmode?: 'require' | 'disable';
  /** Creates a user or gives it a new password; makes one up unless told. */
  user(name: string, password?: string): Promise<{ user: string; password: string }>;
  /** Creates a database that is not there yet. */
  database(name: string): Promise<void>;
  /** Lets in these networks and no other; without it everybody comes in. */
  filter?(networks: readonly string[]): Promise<void>;
}

export interface DatabaseHook {
  create(name: string): Promise<DatabaseServer>;
  delete(name: string): Promise<void>;
}

/** What carries the traffic of the network load balancers. */
export interface BalancerHook {
  /** These are all that there are from now on. */
  changed(balancers: readonly LoadBalancer[]): Promise<void>;
}

/** What every part of the API shares. */
export interface Api {
  app: FastifyInstance;
  account: Account;
  operations: Operations;
  /** The zone that the request's host names. */
  zone(request: FastifyRequest): string;
  /** What stands in that zone. */
  here(request: FastifyRequest): Zone;
  /** ISO 8601 in whole seconds. */
  timestamp(): string;
}

export interface Id {
  Params: { id: string };
}

import { list } from './lists.ts';
import { type Credentials, type Machine, realMachine, sender } from './request.ts';

/** How much of something an organization may have; a limit of -1 is none. https://community.exoscale.com/reference/api/quotas */
export interface Quota {
  /** `instance`, `sks-cluster`, `network-load-balancer`, `database`… */
  resource: string;
  usage: number;
  limit: number;
}

/** https://community.exoscale.com/product/iam/how-to/policy-guide/ */
export interface Policy {
  'default-service-strategy': 'allow' | 'deny';
  services: Record<
    string,
    { type?: 'allow' | 'deny' | 'rules'; rules?: { action?: 'allow' | 'deny'; expression?: string }[] }
  >;
}

export interface Role {
  id: string;
  name: string;
  policy?: Policy;
}

/** What Exoscale tells about the organization and the key itself. Changes nothing; every failure is a UserError. */
export interface Account {
  zones(): Promise<string[]>;
  quotas(): Promise<Quota[]>;
  /** The role of an API key, of this one or of another. */
  role(key: string): Promise<Role>;
}

export function account(credentials: Credentials, machine: Machine = realMachine): Account {
  const send = sender(credentials, machine);
  return {
    zones: async () => (await list<{ name: string }>(send, 'zone', 'zones')).map(({ name }) => name),
    quotas: () => list<Quota>(send, 'quota', 'quotas'),
    async role(key) {
      const { 'role-id': id } = await send<{ 'role-id': string }>(
        'GET',
        `/api-key/${encodeURIComponent(key)}`,
      );
      return send<Role>('GET', `/iam-role/${id}`);
    },
  };
}

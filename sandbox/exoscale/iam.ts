import { type Account, newId } from './account.ts';
import type { Api, Id } from './api.ts';
import { find, Refusal } from './refusal.ts';
import type { Credentials } from './signature.ts';

/** https://community.exoscale.com/product/iam/how-to/policy-guide/ */
export interface Policy {
  'default-service-strategy': 'allow' | 'deny';
  services: Record<
    string,
    { type: 'allow' | 'deny' | 'rules'; rules?: { action: 'allow' | 'deny'; expression: string }[] }
  >;
}

export interface Role {
  id: string;
  name: string;
  description: string;
  editable: boolean;
  labels: Record<string, string>;
  permissions: string[];
  policy: Policy;
}

/** An API key beside the first one, which may do everything. */
export interface ApiKey extends Credentials {
  name: string;
  role: Role;
}

export const newRole = (name: string, policy: Policy): Role => ({
  ...{ id: newId(), name, description: '', editable: true, labels: {}, permissions: [], policy },
});

const reading = "operation.startsWith('list-') || operation.startsWith('get-')";
const rules = (expression: string) => ({
  type: 'rules' as const,
  rules: [{ action: 'allow' as const, expression }],
});
const read = rules(reading);

/** What a key for plans may do, its own role included. */
export const readOnly: Policy = {
  'default-service-strategy': 'deny',
  services: { compute: read, dbaas: read, sos: read, iam: read },
};

/** What a key for drift may do: read, and look into the cluster. */
export const lookOnly: Policy = {
  'default-service-strategy': 'deny',
  services: {
    compute: rules(`${reading} || operation == 'generate-sks-cluster-kubeconfig'`),
    dbaas: rules(`${reading} || operation == 'reveal-dbaas-postgres-user-password'`),
  },
};

export const everything: Policy = { 'default-service-strategy': 'allow', services: {} };

const serviceOf = (path: string): string =>
  /^\/v2\/(api-key|iam-)/.test(path) ? 'iam' : path.startsWith('/v2/dbaas-') ? 'dbaas' : 'compute';

/** What reading does not include: where a service has rules, one must name it. */
const toBeNamed = [
  { operation: 'generate-sks-cluster-kubeconfig', method: 'POST', path: /^\/v2\/sks-cluster-kubeconfig\// },
  { operation: 'reveal-dbaas-postgres-user-password', method: 'GET', path: /\/password\/reveal$/ },
];

/**
 * Whether a policy lets a request pass. Expressions are not computed: a service that has rules may be read, and do what they
 * name of the above.
 */
export function permits(
  { 'default-service-strategy': otherwise, services }: Policy,
  method: string,
  path: string,
) {
  const { type = otherwise, rules: said = [] } = services[serviceOf(path)] ?? {};
  if (type !== 'rules') return type === 'allow';
  const special = toBeNamed.find(each => each.method === method && each.path.test(path));
  if (!special) return method === 'GET';
  return said.some(
    ({ action, expression }) => action === 'allow' && expression.includes(`'${special.operation}'`),
  );
}

/** API keys and their roles, to be read only. https://community.exoscale.com/reference/api/iam */
export function iam({ app }: Api, keys: readonly ApiKey[]): void {
  app.get<Id>('/api-key/:id', async request => {
    const found = keys.find(({ key }) => key === request.params.id);
    if (!found) throw new Refusal(404, 'Not Found');
    const { name, key, role } = found;
    return { name, key, 'role-id': role.id };
  });
  app.get<Id>('/iam-role/:id', async request =>
    find(
      keys.map(({ role }) => role),
      request.params.id,
    ),
  );
}

/** A limit of -1 is none. The names are those that `exo limits` knows. */
export const usualLimits: Record<string, number> = {
  instance: 20,
  'sks-cluster': 10,
  'network-load-balancer': 10,
  database: 10,
  bucket: 100,
};

/** https://community.exoscale.com/reference/api/quotas */
export function quotas({ app, account }: Api, limits: Record<string, number>): void {
  app.get('/quota', async () => ({
    quotas: Object.entries(limits).map(([resource, limit]) => ({
      resource,
      usage: usage(account, resource),
      limit,
    })),
  }));
}

function usage({ zones }: Account, resource: string): number {
  const all = Object.values(zones);
  const count = (of: (zone: (typeof all)[number]) => unknown[]) =>
    all.reduce((sum, zone) => sum + of(zone).length, 0);
  switch (resource) {
    case 'instance':
      return count(({ instances }) => instances);
    case 'sks-cluster':
      return count(({ clusters }) => clusters);
    case 'network-load-balancer':
      return count(({ loadBalancers }) => loadBalancers);
    case 'database':
      return count(({ databases }) => databases);
    default:
      return 0;
  }
}

import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify';
import { certificateAuthority } from '../certificates.ts';
import { rawBody, type StandIn, standIn } from '../stand-in.ts';
import { type Account, emptyAccount, type Zone } from './account.ts';
import type { Api, BalancerHook, ClusterHook, DatabaseHook, Id } from './api.ts';
import { clusters } from './clusters.ts';
import { compute } from './compute.ts';
import { databaseUsers } from './database-users.ts';
import { databases, type Server } from './databases.ts';
import { groups } from './groups.ts';
import { type ApiKey, everything, iam, newRole, permits, quotas, usualLimits } from './iam.ts';
import { loadBalancers } from './load-balancers.ts';
import { nodepools } from './nodepools.ts';
import { createOperations, type Operation } from './operations.ts';
import { Refusal } from './refusal.ts';
import { seed } from './seed.ts';
import { type Credentials, signatureFault } from './signature.ts';

export type { BalancerHook, ClusterHook, DatabaseHook, DatabaseServer } from './api.ts';

export interface Options extends Credentials {
  cluster: ClusterHook;
  database: DatabaseHook;
  /** Without one, load balancers carry nothing. */
  balancer?: BalancerHook | undefined;
  /** Keys beside the first one, which may do everything. */
  keys?: ApiKey[];
  /** Of what there may be how much; -1 for no end. Those that are not named are as usual. */
  limits?: Record<string, number>;
  /** The clock that signatures expire by; the machine's unless told. */
  now?: () => Date;
}

export interface ExoscaleStandIn extends StandIn {
  /** All that the organization has, as it is at the moment; others own a part of it. */
  account: Account;
  operations(): Operation[];
}

/**
 * Exoscale's API v2 for one organization, served to the hosts `api-ZONE.exoscale.com`. It starts nothing itself: what a
 * cluster or a database is made of comes from the hooks.
 */
export async function exoscaleStandIn(options: Options): Promise<ExoscaleStandIn> {
  const { key, secret, now = () => new Date() } = options;
  const keys: ApiKey[] = [
    { key, secret, name: 'first', role: newRole('owner', everything) },
    ...(options.keys ?? []),
  ];
  const timestamp = () => `${now().toISOString().slice(0, 19)}Z`;
  const account = emptyAccount();
  seed(account, timestamp());
  const operations = createOperations();
  const servers = new Map<string, Server>();
  const authority = await certificateAuthority('Exoscale DBaaS');

  const server = await standIn({
    name: 'exoscale',
    state: () => ({ ...account, operations: operations.all() }),
    routes: async (scope, complain) => scope.register(async app => v2(app, complain), { prefix: '/v2' }),
  });
  return { ...server, account, operations: operations.all };

  function v2(app: FastifyInstance, complain: (sentence: string) => void): void {
    app.setSchemaErrorFormatter(
      (errors, where) => new Error(errors.map(error => sentence(where, error)).join('; ')),
    );
    app.setErrorHandler((error: FastifyError, _request, reply) => {
      if (!(error instanceof Refusal)) throw error;
      return reply.code(error.status).send({ message: error.message });
    });
    // After the body is read, which the signature covers, and before anything is made of it.
    app.addHook('preValidation', async (request, reply) => {
      const { method, url, headers } = request;
      const refuse = (status: number, message: string, why = message) => {
        complain(`${method} ${url}: ${why}`);
        return reply.code(status).send({ message });
      };
      const signed = { method, url, body: rawBody(request), authorization: headers.authorization };
      const named = /credential=([^,]+)/.exec(headers.authorization ?? '')?.[1];
      const caller = keys.find(each => each.key === named) ?? { key, secret, role: undefined };
      const fault = signatureFault(signed, caller, now());
      if (fault) return refuse(403, 'Invalid credentials or signature', fault);
      // A sound request that is not granted: no fault of the client's.
      if (caller.role && !permits(caller.role.policy, method, url))
        return reply.code(403).send({ message: 'Forbidden by role policy' });
      if (!account.zones[zoneOf(request)]) return refuse(404, `${headers.host} is no zone's host`);
      const [query] = Object.keys(request.query as object);
      if (query !== undefined) return refuse(400, `the query ${query} is not known here`);
    });

    const here = (request: FastifyRequest) => account.zones[zoneOf(request)] as Zone;
    const api: Api = { app, account, operations, zone: zoneOf, here, timestamp };
    app.get<Id>('/operation/:id', async request => operations.get(zoneOf(request), request.params.id));
    iam(api, keys);
    quotas(api, { ...usualLimits, ...options.limits });
    compute(api);
    groups(api);
    clusters(api, options.cluster);
    nodepools(api, options.cluster);
    loadBalancers(api, options.balancer);
    databases(api, options.database, servers, authority.certificate);
    databaseUsers(api, servers);
  }
}

const zoneOf = (request: FastifyRequest): string =>
  /^api-([a-z0-9-]+)\.exoscale\.com(:443)?$/.exec(request.headers.host ?? '')?.[1] ?? '';

function sentence(where: string, error: { instancePath: string; message?: string; params: object }): string {
  const property = 'additionalProperty' in error.params ? ` (${error.params.additionalProperty})` : '';
  return `${where}${error.instancePath} ${error.message}${property}`;
}

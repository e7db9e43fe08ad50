import { type Static, Type } from 'typebox';
import type { Database } from './account.ts';
import type { Api, DatabaseHook, DatabaseServer } from './api.ts';
import { closed, oneOf, optional } from './bodies.ts';
import { ready } from './operations.ts';
import { Refusal, remove } from './refusal.ts';

const settings = Type.Record(Type.String(), Type.Unknown());
const plan = Type.String({ minLength: 1, maxLength: 128 });
const common = {
  'termination-protection': optional(Type.Boolean()),
  'ip-filter': optional(
    Type.Array(Type.String({ pattern: '^[0-9a-f.:]+(/[0-9]{1,3})?$' }), { uniqueItems: true }),
  ),
  'backup-schedule': optional(
    closed({
      'backup-hour': optional(Type.Integer({ minimum: 0, maximum: 23 })),
      'backup-minute': optional(Type.Integer({ minimum: 0, maximum: 59 })),
    }),
  ),
  maintenance: optional(
    closed({
      dow: oneOf('monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday', 'never'),
      time: Type.String({ pattern: '^[0-2][0-9]:[0-5][0-9]:[0-5][0-9]$' }),
    }),
  ),
  'pg-settings': optional(settings),
  'pgbouncer-settings': optional(settings),
  'pglookout-settings': optional(settings),
};
const created = closed({
  ...common,
  plan,
  version: optional(oneOf('14', '15', '16', '17', '18')),
  'admin-username': optional(Type.String({ minLength: 1, maxLength: 64 })),
  'admin-password': optional(Type.String({ minLength: 8, maxLength: 256 })),
});
const updated = closed({ ...common, plan: optional(plan), version: optional(Type.String()) });

type Body<T extends Type.TSchema> = { Body: Static<T> };
interface Name {
  Params: { name: string };
}
const serviceName = Type.String({ pattern: '^[a-z][a-z0-9-]{0,62}$' });

/** DBaaS: PostgreSQL services. Their users and databases are in database-users.ts. */
export function databases(
  { app, account, operations, zone, here, timestamp }: Api,
  hook: DatabaseHook,
  servers: Map<string, Server>,
  certificate: string,
): void {
  /** A name is free as soon as its service is deleted, while what was behind that is still being taken down. */
  const turns = new Map<string, Promise<unknown>>();
  function inTurn(name: string, work: () => Promise<void>): Promise<void> {
    const turn = (turns.get(name) ?? Promise.resolve()).then(work);
    turns.set(
      name,
      turn.catch(() => {}),
    );
    return turn;
  }

  app.get('/dbaas-ca-certificate', async () => ({ certificate }));
  app.get('/dbaas-settings-pg', async () => ({ settings: settingsSchemas }));
  app.get('/dbaas-service', async request => ({ 'dbaas-services': here(request).databases.map(summary) }));
  app.get<Name>('/dbaas-postgres/:name', async request =>
    findService(here(request).databases, request.params.name),
  );

  app.post<Name & Body<typeof created>>(
    '/dbaas-postgres/:name',
    { schema: { body: created, params: closed({ name: serviceName }) } },
    async request => {
      const { name } = request.params;
      // One name, one service in the whole organization.
      if (Object.values(account.zones).some(zone => zone.databases.some(service => service.name === name)))
        throw new Refusal(409, `Service name is already in use: ${name}`);
      const { 'admin-username': admin = 'avnadmin', 'admin-password': password, ...wanted } = request.body;
      const { maintenance = { dow: 'sunday', time: '22:30:00' }, version = '17', ...rest } = wanted;
      const at = timestamp();
      const service: Database = {
        name,
        type: 'pg',
        zone: zone(request),
        state: 'rebuilding',
        'created-at': at,
        'updated-at': at,
        'termination-protection': false,
        'ip-filter': [],
        'backup-schedule': { 'backup-hour': 3, 'backup-minute': 17 },
        ...resources(wanted.plan),
        ...rest,
        maintenance: { ...maintenance, updates: [] },
        version,
        users: [],
        databases: [],
        components: [],
      };
      here(request).databases.push(service);
      return operations.start(zone(request), 'dbaas-postgres', name, () =>
        inTurn(name, async () => {
          try {
            const server = await hook.create(name);
            const created = await server.user(admin, password);
            await server.database('defaultdb');
            await server.filter?.(service['ip-filter']);
            servers.set(name, { server, passwords: new Map([[admin, created.password]]) });
            Object.assign(service, reachable(server, admin), { state: 'running' });
          } catch (error) {
            service.state = 'poweroff';
            throw error;
          }
        }),
      );
    },
  );

  app.put<Name & Body<typeof updated>>(
    '/dbaas-postgres/:name',
    { schema: { body: updated } },
    async request => {
      const service = ready(findService(here(request).databases, request.params.name));
      const { maintenance, ...rest } = request.body;
      Object.assign(service, rest.plan === undefined ? {} : resources(rest.plan), rest, {
        'updated-at': timestamp(),
      });
      if (maintenance) service.maintenance = { ...maintenance, updates: [] };
      return operations.start(zone(request), 'dbaas-postgres', service.name, async () => {
        const { server } = servers.get(service.name) ?? {};
        if (rest['ip-filter']) await server?.filter?.(rest['ip-filter']);
      });
    },
  );

  for (const path of ['/dbaas-service/:name', '/dbaas-postgres/:name'])
    app.delete<Name>(path, async request => {
      const { databases } = here(request);
      const service = findService(databases, request.params.name);
      if (service['termination-protection'])
        throw new Refusal(
          409,
          'Service is protected against termination and shutdown. Remove termination protection first.',
        );
      remove(databases, service); // gone from sight at once; what it ran on goes when it goes
      return operations.start(zone(request), 'dbaas-postgres', service.name, () =>
        inTurn(service.name, async () => {
          servers.delete(service.name);
          await hook.delete(service.name);
        }),
      );
    });
}

/** What runs behind a service, with the passwords that the API can reveal. */
export interface Server {
  server: DatabaseServer;
  passwords: Map<string, string>;
}

/** @throws Refusal 404 */
export function findService(databases: readonly Database[], name: string): Database {
  const found = databases.find(service => service.name === name);
  if (!found) throw new Refusal(404, 'Not Found');
  return found;
}

const reachable = ({ host, port, sslmode = 'require' }: DatabaseServer, admin: string) => ({
  users: [{ type: 'primary' as const, username: admin }],
  databases: ['defaultdb'],
  components: [
    { component: 'pg', host, port, route: 'dynamic', usage: 'primary' },
    { component: 'pg', host, port, route: 'dynamic', usage: 'replica' },
  ],
  'uri-params': { host, port: String(port), user: admin, dbname: 'defaultdb', sslmode },
});

const nodes: Record<string, number> = { hobbyist: 1, startup: 1, business: 2, premium: 3 };

/** Plans are CLASS-GIBIBYTES. */
function resources(plan: string) {
  const [, level = '', memory = ''] = /^([a-z]+)-(\d+)$/.exec(plan) ?? [];
  const count = nodes[level];
  if (!count) throw new Refusal(400, `Unknown plan: ${plan}`);
  const gibibytes = Number(memory);
  return {
    plan,
    'node-count': count,
    'node-cpu-count': Math.max(2, gibibytes / 4),
    'node-memory': gibibytes * 2 ** 30,
    'disk-size': gibibytes * (level === 'hobbyist' ? 4 : 20) * 2 ** 30,
  };
}

const summary = (service: Database) => ({
  name: service.name,
  type: service.type,
  plan: service.plan,
  zone: service.zone,
  state: service.state,
  'created-at': service['created-at'],
  'updated-at': service['updated-at'],
  'disk-size': service['disk-size'],
  'node-count': service['node-count'],
  'node-cpu-count': service['node-cpu-count'],
  'node-memory': service['node-memory'],
  'termination-protection': service['termination-protection'],
});

const schemaOf = (title: string, properties: Record<string, unknown>) => ({
  type: 'object',
  title,
  additionalProperties: false,
  properties,
});
/** The few that people set; the real lists are long. */
const settingsSchemas = {
  pg: schemaOf('postgresql.conf configuration values', {
    timezone: { type: 'string', maxLength: 64 },
    log_min_duration_statement: { type: 'integer', minimum: -1, maximum: 86400000 },
    idle_in_transaction_session_timeout: { type: 'integer', minimum: 0, maximum: 604800000 },
  }),
  pgbouncer: schemaOf('PGBouncer connection pooling settings', {
    autodb_pool_mode: { type: 'string', enum: ['session', 'transaction', 'statement'] },
  }),
  pglookout: schemaOf('PGLookout settings', {
    max_failover_replication_time_lag: { type: 'integer', minimum: 10, maximum: 999999 },
  }),
  timescaledb: schemaOf('TimescaleDB extension configuration values', {}),
};

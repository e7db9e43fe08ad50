import { UserError } from '../runner/errors.ts';
import { type Operation, settled } from './operations.ts';
import { Conflict, type Machine, NotFound, ReplyLost, type Send } from './request.ts';

/** A PostgreSQL service as it is, without anything secret. */
export interface Database {
  name: string;
  /** `running` when it can be used. */
  state: string;
  users: string[];
  /** The user that the service began with. */
  admin: string | undefined;
  databases: string[];
  /** The networks that are let in, as `203.0.113.7/32`. */
  filter: string[];
  /** Where it listens; not known before it runs. */
  server: { host: string; port: number } | undefined;
  sslmode: string;
}

export interface Connection {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
  sslmode: string;
  /** The authority that signed the server's certificate, in PEM. */
  certificate: string;
  /** All of it but the certificate, as PostgreSQL's clients take it. */
  uri: string;
}

interface Service {
  state: string;
  users?: { username: string; type?: string }[];
  databases?: string[];
  'ip-filter'?: string[];
  components?: { component: string; host: string; port: number; route: string; usage: string }[];
  'uri-params'?: { sslmode?: string };
}

const pathOf = (name: string) => `/dbaas-postgres/${encodeURIComponent(name)}`;

/**
 * Undefined when there is none.
 * @throws UserError when a list is missing in the answer, which is none that is empty: all of them are optional there
 * https://community.exoscale.com/reference/api/dbaas/
 */
export async function findDatabase(send: Send, name: string): Promise<Database | undefined> {
  try {
    const service = await send<Service>('GET', pathOf(name));
    const { state, components = [] } = service;
    const users = listed('users');
    const databases = listed('databases');
    return {
      name,
      state,
      users: users.map(({ username }) => username),
      admin: users.find(({ type }) => type === 'primary')?.username,
      databases,
      filter: listed('ip-filter'),
      server: components.find(
        ({ component, usage, route }) => component === 'pg' && usage === 'primary' && route === 'dynamic',
      ),
      sslmode: service['uri-params']?.sslmode ?? 'require',
    };

    function listed<Key extends 'users' | 'databases' | 'ip-filter'>(key: Key): NonNullable<Service[Key]> {
      const value = service[key];
      if (Array.isArray(value)) return value;
      throw new UserError(
        `Exoscale tells no "${key}" of the database service ${name}, which is ${service.state}: run this again later`,
      );
    }
  } catch (error) {
    if (error instanceof NotFound) return undefined;
    throw error;
  }
}

/** @throws UserError when there is no such service or it does not run */
export async function ensureDatabase(
  send: Send,
  machine: Machine,
  name: string,
  { user, database }: { user: string; database: string },
): Promise<Connection> {
  await ensure(`user ${user}`, 'user', { username: user }, ({ users }) => users.includes(user));
  await ensure(`database ${database}`, 'database', { 'database-name': database }, ({ databases }) =>
    databases.includes(database),
  );

  // A user that somebody else is creating at this moment has no password yet.
  for (let attempt = 1; ; attempt++) {
    try {
      return await connection(send, name, { user, database });
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      if (attempt === 10)
        throw busy(`tell the password of the user ${user} of the database service ${name}`, error);
      await machine.sleep(1000);
    }
  }

  /**
   * Creates what is not there. When the answer is lost, or somebody else is at it, looks whether it is there before trying
   * again, three times in all.
   */
  async function ensure(
    what: string,
    kind: string,
    body: object,
    isThere: (service: Database) => boolean,
  ): Promise<void> {
    const task = `create the ${what} in the database service ${name}`;
    let last: ReplyLost | Conflict | undefined;
    for (let attempt = 1; !isThere(await running(send, name)); attempt++) {
      if (last && attempt > 3) throw last instanceof Conflict ? busy(task, last) : lost(task);
      try {
        const operation = await send<Operation>('POST', `${pathOf(name)}/${kind}`, { body });
        return await settled(send, machine, operation, task);
      } catch (error) {
        if (!(error instanceof ReplyLost || error instanceof Conflict)) throw error;
        last = error;
        await machine.sleep(1000);
      }
    }
  }
}

const busy = (task: string, { message }: Conflict): UserError =>
  new UserError(
    `Exoscale did not ${task} (last: ${message}): somebody else is changing this service; run this again in a few minutes`,
  );

const lost = (task: string): UserError =>
  new UserError(
    `Exoscale did not ${task}, and the last of three answers was lost: run this again in a few minutes`,
  );

/**
 * How a user that is there reaches a database that is there.
 * @throws UserError when there is no such service or it does not run
 */
export async function connection(
  send: Send,
  name: string,
  { user, database }: { user: string; database: string },
): Promise<Connection> {
  const { server, sslmode } = await running(send, name);
  const [{ password }, { certificate }] = await Promise.all([
    send<{ password: string }>('GET', `${pathOf(name)}/user/${encodeURIComponent(user)}/password/reveal`),
    send<{ certificate: string }>('GET', '/dbaas-ca-certificate'),
  ]);
  const { host, port } = server;
  const uri = new URL(`postgres://${host}:${port}/${encodeURIComponent(database)}?sslmode=${sslmode}`);
  uri.username = encodeURIComponent(user);
  uri.password = encodeURIComponent(password);
  return { host, port, user, password, database, sslmode, certificate, uri: uri.href };
}

/** Lets these networks in and no other. */
export async function filterDatabase(
  send: Send,
  machine: Machine,
  name: string,
  networks: readonly string[],
): Promise<void> {
  const sending = { body: { 'ip-filter': networks }, repeatable: true };
  const begun = await send<Operation>('PUT', pathOf(name), sending);
  await settled(send, machine, begun, `change who may reach the database service ${name}`);
}

/** Lets a service be deleted. False when there is none or it is not protected. */
export async function unprotectDatabase(send: Send, machine: Machine, name: string): Promise<boolean> {
  const path = `/dbaas-postgres/${encodeURIComponent(name)}`;
  try {
    const service = await send<{ 'termination-protection'?: boolean }>('GET', path);
    if (!service['termination-protection']) return false;
    const sending = { body: { 'termination-protection': false }, repeatable: true };
    const begun = await send<Operation>('PUT', path, sending);
    await settled(send, machine, begun, `take the protection off the database service ${name}`);
    return true;
  } catch (error) {
    if (error instanceof NotFound) return false;
    throw error;
  }
}

async function running(send: Send, name: string) {
  const service = await findDatabase(send, name);
  if (!service) throw new UserError(`There is no database service ${name} in this zone: "apply" creates it`);
  const { state, server } = service;
  if (state !== 'running' || !server)
    throw new UserError(`The database service ${name} is ${state}: run this again when it is running`);
  return { ...service, server };
}

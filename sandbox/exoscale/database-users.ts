import { type Static, Type } from 'typebox';
import type { Database } from './account.ts';
import type { Api } from './api.ts';
import { closed, optional } from './bodies.ts';
import { findService, type Server } from './databases.ts';
import { ready } from './operations.ts';
import { Refusal } from './refusal.ts';

const user = closed({
  username: Type.String({ minLength: 1, maxLength: 64, pattern: '^[a-zA-Z0-9_][a-zA-Z0-9_.-]*$' }),
  'allow-replication': optional(Type.Boolean()),
});
const database = closed({
  'database-name': Type.String({ minLength: 1, maxLength: 40, pattern: '^[a-zA-Z0-9_][a-zA-Z0-9_-]*$' }),
  'lc-collate': optional(Type.String({ maxLength: 128 })),
  'lc-ctype': optional(Type.String({ maxLength: 128 })),
});
const newPassword = closed({ password: optional(Type.String({ minLength: 8, maxLength: 256 })) });

interface Name {
  Params: { name: string };
}
interface User {
  Params: { name: string; user: string };
}

/** The users and databases of a PostgreSQL service. */
export function databaseUsers({ app, operations, zone, here }: Api, servers: Map<string, Server>): void {
  const kind = 'dbaas-postgres';

  function running(databases: readonly Database[], name: string) {
    const service = ready(findService(databases, name));
    const behind = servers.get(name);
    if (!behind) throw new Error(`nothing runs behind ${name}, which is said to be running`);
    return { service, ...behind };
  }

  function assertUser(service: Database, username: string): void {
    if (!service.users.some(user => user.username === username)) throw new Refusal(404, 'Not Found');
  }

  app.post<Name & { Body: Static<typeof user> }>(
    '/dbaas-postgres/:name/user',
    { schema: { body: user } },
    async request => {
      const { service, server, passwords } = running(here(request).databases, request.params.name);
      const { username } = request.body;
      if (service.users.some(user => user.username === username))
        throw new Refusal(409, `User ${username} already exists`);
      service.users.push({ type: 'normal', ...request.body });
      return operations.start(zone(request), kind, service.name, async () => {
        passwords.set(username, (await server.user(username)).password);
      });
    },
  );

  app.get<User>('/dbaas-postgres/:name/user/:user/password/reveal', async request => {
    const { service, passwords } = running(here(request).databases, request.params.name);
    const username = request.params.user;
    assertUser(service, username);
    const password = passwords.get(username);
    if (password === undefined) throw new Refusal(409, `User ${username} is still being created`);
    return { username, password };
  });

  app.put<User & { Body: Static<typeof newPassword> }>(
    '/dbaas-postgres/:name/user/:user/password/reset',
    { schema: { body: newPassword } },
    async request => {
      const { service, server, passwords } = running(here(request).databases, request.params.name);
      const username = request.params.user;
      assertUser(service, username);
      return operations.start(zone(request), kind, service.name, async () => {
        passwords.set(username, (await server.user(username, request.body.password)).password);
      });
    },
  );

  app.post<Name & { Body: Static<typeof database> }>(
    '/dbaas-postgres/:name/database',
    { schema: { body: database } },
    async request => {
      const { service, server } = running(here(request).databases, request.params.name);
      const name = request.body['database-name'];
      if (service.databases.includes(name)) throw new Refusal(409, `Database ${name} already exists`);
      service.databases.push(name);
      return operations.start(zone(request), kind, service.name, () => server.database(name));
    },
  );
}

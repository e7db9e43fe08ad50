import type pg from 'pg';
import { administrationRoutes } from './accounts/administration.ts';
import { auditLogRoutes } from './accounts/audit-log.ts';
import { guardRoutes } from './accounts/guard.ts';
import { accountListRoutes } from './accounts/list.ts';
import { profileRoutes } from './accounts/profile.ts';
import { registerRoutes } from './accounts/register.ts';
import { verificationRoutes } from './accounts/verification.ts';
import { minter } from './assertions/assertion.ts';
import type { Keys } from './assertions/keys.ts';
import { keyRoutes } from './assertions/routes.ts';
import { authorizationRoutes } from './authorization/routes.ts';
import { shortcut } from './authorization/shortcut.ts';
import type { Context } from './context.ts';
import { createDatabase } from './database/kysely.ts';
import { schemaCheck } from './database/migrations.ts';
import { unavailable } from './database/unavailable.ts';
import { consoleMailer, type Mailer } from './mail.ts';
import { passwordRoutes } from './passwords/routes.ts';
import { type App, createServer, type Server } from './server/app.ts';
import { loginRoutes } from './sessions/login.ts';
import { sessionRoutes } from './sessions/routes.ts';
import { findSessions } from './sessions/store.ts';
import { together } from './sessions/together.ts';
import { schema } from './tables.ts';

export interface AppOptions {
  pool: pg.Pool;
  keys: () => Keys;
  origins: [string, ...string[]];
  issuer: string;
  audience: string;
  log: boolean | { level: string };
  trustedProxies: string[];
  /** Prints mails into the log unless told otherwise. */
  mailer?: Mailer;
}

/** The service without its sockets: what tests, the OpenAPI document and main.ts are made of. */
export async function createApp(options: AppOptions): Promise<Server> {
  const { pool, keys, origins, issuer, audience } = options;
  const server = await createServer({
    title: 'user-manager',
    description: 'Accounts and sessions of the shop, and who may pass.',
    log: options.log,
    notReady: schemaCheck(pool, schema),
    unavailable,
    trustedProxies: options.trustedProxies,
  });
  const { app } = server;
  const context: Context = {
    pool,
    db: createDatabase(pool),
    // Under load one trip to the database answers for many requests, which is most of what `GET /auth` costs.
    findSession: together(tokens => findSessions(pool, tokens), { trips: 2, most: 200 }),
    keys,
    mint: minter(keys, { issuer, audience }),
    mailer: options.mailer ?? consoleMailer((fields, message) => app.log.info(fields, message)),
    origins,
  };
  await app.register(async traefik => authorizationRoutes(traefik as App, context));
  keyRoutes(app, keys);
  await app.register(async scope => {
    const people = scope as App;
    guardRoutes(people, context);
    registerRoutes(people, context);
    verificationRoutes(people, context);
    profileRoutes(people, context);
    loginRoutes(people, context);
    sessionRoutes(people, context);
    passwordRoutes(people, context);
    accountListRoutes(people, context);
    administrationRoutes(people, context);
    auditLogRoutes(people, context);
  });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  return shortcut(server, context);
}

import type pg from 'pg';
import { categoryRoutes } from './categories/routes.ts';
import type { Context } from './context.ts';
import { createDatabase } from './database/kysely.ts';
import { schemaCheck } from './database/migrations.ts';
import { unavailable } from './database/unavailable.ts';
import { verifier } from './identity/verify.ts';
import { orderRoutes } from './orders/routes.ts';
import { ledgerRoutes } from './products/ledger.ts';
import { readRoutes } from './products/read.ts';
import { stockRoutes } from './products/stock.ts';
import { writeRoutes } from './products/write.ts';
import { createServer, type Server } from './server/app.ts';
import { schema } from './tables.ts';

export interface AppOptions {
  pool: pg.Pool;
  jwksUrl: string;
  issuer: string;
  audience: string;
  currency: string;
  log: boolean | { level: string };
}

/** The service without its sockets: what tests, the OpenAPI document and main.ts are made of. */
export async function createApp(options: AppOptions): Promise<Server> {
  const { pool, jwksUrl, issuer, audience, currency } = options;
  const server = await createServer({
    title: 'product',
    description: "The shop's catalogue, its stock, and its orders.",
    log: options.log,
    notReady: schemaCheck(pool, schema),
    unavailable,
  });
  const { app } = server;
  const verify = verifier({ jwksUrl, issuer, audience });
  const context: Context = { pool, db: createDatabase(pool), verify, currency };
  readRoutes(app, context);
  writeRoutes(app, context);
  stockRoutes(app, context);
  ledgerRoutes(app, context);
  categoryRoutes(app, context);
  orderRoutes(app, context);
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  return server;
}

import { createApp } from './app.ts';
import { createPool } from './database/pool.ts';
import { likeness } from './products/trigram.ts';
import { serve } from './server/serve.ts';
import { program, readSettings } from './server/settings.ts';
import { settings } from './settings.ts';
import { startTracing } from './tracing/index.ts';

await program(async () => {
  const given = readSettings(settings, process.env);
  const stopTracing = await startTracing('product');
  const pool = createPool(given, 'product', likeness);
  const server = await createApp({
    pool,
    jwksUrl: given.JWKS_URL,
    issuer: given.ISSUER ?? `https://${given.HOST}`,
    audience: given.AUDIENCE,
    currency: given.CURRENCY,
    log: { level: given.LOG_LEVEL },
  });
  await serve(server, {
    port: given.PORT,
    metricsPort: given.METRICS_PORT,
    drainSeconds: given.DRAIN_SECONDS,
    close: async () => {
      await pool.end();
      await stopTracing();
    },
  });
});

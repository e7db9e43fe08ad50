import { createApp } from './app.ts';
import { keyring } from './assertions/keys.ts';
import { createPool } from './database/pool.ts';
import { purgeHourly } from './purge.ts';
import { serve } from './server/serve.ts';
import { program, readSettings } from './server/settings.ts';
import { settings } from './settings.ts';
import { startTracing } from './tracing/index.ts';

await program(async () => {
  const given = readSettings(settings, process.env);
  const keys = await keyring(given.SIGNING_KEY_FILE, {
    failed: error => server.app.log.error({ err: error }, 'the signing keys could not be read again'),
  });
  const stopTracing = await startTracing('user-manager');
  const pool = createPool(given, 'user-manager');
  const server = await createApp({
    pool,
    keys: keys.current,
    origins: given.ALLOWED_ORIGINS.split(',') as [string],
    issuer: given.ISSUER ?? `https://${given.HOST}`,
    audience: given.AUDIENCE,
    log: { level: given.LOG_LEVEL },
    trustedProxies: given.TRUSTED_PROXIES.split(','),
  });
  const stopPurging = purgeHourly(pool, error => server.app.log.warn({ err: error }, 'purging failed'));
  await serve(server, {
    port: given.PORT,
    metricsPort: given.METRICS_PORT,
    drainSeconds: given.DRAIN_SECONDS,
    close: async () => {
      stopPurging();
      keys.close();
      await pool.end();
      await stopTracing();
    },
  });
});

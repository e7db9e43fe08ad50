import { createApp } from './app.ts';
import { serve } from './server/serve.ts';
import { program, readSettings } from './server/settings.ts';
import { settings } from './settings.ts';

await program(async () => {
  const given = readSettings(settings, process.env);
  const server = await createApp({
    apiOrigin: given.API_ORIGIN,
    shopName: given.SHOP_NAME,
    log: { level: given.LOG_LEVEL },
  });
  await serve(server, {
    port: given.PORT,
    metricsPort: given.METRICS_PORT,
    drainSeconds: given.DRAIN_SECONDS,
    close: async () => {},
  });
});

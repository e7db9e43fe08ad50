import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Server } from './app.ts';
import { metricsServer } from './metrics.ts';

export interface ServeOptions {
  port: number;
  metricsPort: number;
  /** Between "not ready" and the end of listening: until every proxy has heard of it. */
  drainSeconds: number;
  /** What is closed when the last request has been answered. */
  close: () => Promise<unknown>;
}

/** Listens until SIGTERM or SIGINT; then fails readiness, waits, stops listening and lets requests under way end. */
export async function serve({ app, registry, drain }: Server, options: ServeOptions): Promise<void> {
  const metrics = metricsServer(registry);
  await app
    .listen({ port: options.port, host: '::' })
    .catch(noIpv6(() => app.listen({ port: options.port, host: '0.0.0.0' })));
  metrics.listen(options.metricsPort);
  await once(metrics, 'listening');

  const signal = await Promise.race(
    (['SIGTERM', 'SIGINT'] as const).map(name => once(process, name).then(() => name)),
  );
  app.log.info({ signal }, 'draining');
  drain();
  if (signal === 'SIGTERM') await sleep(options.drainSeconds * 1000);
  await app.close();
  await options.close();
  metrics.close();
  metrics.closeAllConnections();
  app.log.info('ended');
}

const noIpv6 =
  <T>(retry: () => Promise<T>) =>
  (error: NodeJS.ErrnoException): Promise<T> => {
    if (error.code !== 'EAFNOSUPPORT') throw error;
    return retry();
  };

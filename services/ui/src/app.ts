import { join } from 'node:path';
import statics from '@fastify/static';
import { createServer, type Server } from './server/app.ts';

export interface AppOptions {
  apiOrigin: string;
  shopName: string;
  log: boolean | { level: string };
  /** What is served: index.html, and assets/ whose names hold a hash of their content. */
  folder?: string;
}

const year = 365 * 24 * 60 * 60;

/** The pages, and what they have to know of where they are. Whoever asks for a page gets index.html, which finds its way. */
export async function createApp(options: AppOptions): Promise<Server> {
  const { apiOrigin, shopName, folder = join(import.meta.dirname, '../dist') } = options;
  const server = await createServer({
    title: 'ui',
    description: 'The shop in the browser.',
    log: options.log,
    notReady: async () => undefined,
  });
  const { app } = server;

  app.addHook('onSend', async (_, reply) => {
    reply.headers({
      'content-security-policy': policy(apiOrigin),
      'referrer-policy': 'same-origin',
      'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=()',
      'cross-origin-opener-policy': 'same-origin',
      'strict-transport-security': `max-age=${year}`,
    });
  });

  // Public by nature: everybody who opens the shop reads this.
  app.get('/config.json', async (_, reply) => {
    reply.header('cache-control', 'no-cache');
    return { apiOrigin, shopName };
  });

  await app.register(statics, {
    root: folder,
    index: false,
    cacheControl: false,
    wildcard: false,
    setHeaders: (reply, path) =>
      reply.header(
        'cache-control',
        path.startsWith(join(folder, 'assets')) ? `public, max-age=${year}, immutable` : 'no-cache',
      ),
  });
  app.get('/*', async (request, reply) => {
    const isFile = /\.[^/]*$/.test(request.url.split('?')[0] ?? '') || request.url.startsWith('/assets/');
    if (isFile) return reply.callNotFound(); // an asset that is gone is not a page
    return reply.sendFile('index.html');
  });
  return server;
}

/** Nothing runs or is loaded that is not ours, but for pictures; no script stands in a page. */
const policy = (apiOrigin: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self' https: data:",
    `connect-src 'self' ${apiOrigin}`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

import { generateKeyPairSync } from 'node:crypto';
import pg from 'pg';
import { createApp } from './app.ts';

/** The OpenAPI document, from the routes themselves. Nothing is connected to. */
export async function document(): Promise<object> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { app } = await createApp({
    pool: new pg.Pool(),
    keys: () => ({ kid: '', signing: privateKey, published: [] }),
    origins: ['https://shop.example.com'],
    issuer: '',
    audience: '',
    log: false,
    trustedProxies: [],
  });
  await app.ready();
  return app.swagger();
}

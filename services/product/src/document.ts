import pg from 'pg';
import { createApp } from './app.ts';

/** The OpenAPI document, from the routes themselves. Nothing is connected to. */
export async function document(): Promise<object> {
  const { app } = await createApp({
    pool: new pg.Pool(),
    jwksUrl: 'http://user-manager.invalid/.well-known/jwks.json',
    issuer: '',
    audience: '',
    currency: 'CHF',
    log: false,
  });
  await app.ready();
  return app.swagger();
}

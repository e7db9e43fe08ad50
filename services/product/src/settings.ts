import { type Static, Type } from 'typebox';
import { databaseSettings } from './database/pool.ts';

export const settings = Type.Object({
  ...databaseSettings,
  /** The API's host: the issuer of assertions, unless another is named. */
  HOST: Type.String({ minLength: 1 }),
  /** Where the user-manager publishes its keys, inside the cluster. */
  JWKS_URL: Type.String({ pattern: '^https?://' }),
  ISSUER: Type.Optional(Type.String()),
  AUDIENCE: Type.String({ default: 'shop' }),
  CURRENCY: Type.String({ default: 'CHF', pattern: '^[A-Z]{3}$' }),
  PORT: Type.Integer({ default: 8080 }),
  METRICS_PORT: Type.Integer({ default: 9090 }),
  DRAIN_SECONDS: Type.Number({ default: 5, minimum: 0 }),
  LOG_LEVEL: Type.String({ default: 'info' }),
});
export type Settings = Static<typeof settings>;

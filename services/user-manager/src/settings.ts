import { type Static, Type } from 'typebox';
import { databaseSettings } from './database/pool.ts';

export const settings = Type.Object({
  ...databaseSettings,
  /** The API's host: what people call, and the issuer unless another is named. */
  HOST: Type.String({ minLength: 1 }),
  /** Whose pages may change anything: origins with commas between. Mails lead to the first. */
  ALLOWED_ORIGINS: Type.String({ pattern: '^https?://[^/,\\s]+(,https?://[^/,\\s]+)*$' }),
  /** An Ed25519 key (PKCS#8, PEM), or a folder of them; see README.md. */
  SIGNING_KEY_FILE: Type.String({ minLength: 1 }),
  ISSUER: Type.Optional(Type.String()),
  AUDIENCE: Type.String({ default: 'shop' }),
  TRUSTED_PROXIES: Type.String({ default: 'loopback,linklocal,uniquelocal' }),
  PORT: Type.Integer({ default: 8080 }),
  METRICS_PORT: Type.Integer({ default: 9090 }),
  DRAIN_SECONDS: Type.Number({ default: 5, minimum: 0 }),
  LOG_LEVEL: Type.String({ default: 'info' }),
});
export type Settings = Static<typeof settings>;

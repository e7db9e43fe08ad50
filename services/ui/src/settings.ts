import { type Static, Type } from 'typebox';

const origin = '^https?://[^/,\\s;\'"]+$';

export const settings = Type.Object({
  /** The shop's host: what people call. */
  HOST: Type.String({ minLength: 1 }),
  /** Where the API is, as a browser sees it: the one place besides its own that pages may talk to. */
  API_ORIGIN: Type.String({ pattern: origin }),
  /** What the shop is called. */
  SHOP_NAME: Type.String({ default: 'Shop', maxLength: 100 }),
  PORT: Type.Integer({ default: 8080 }),
  METRICS_PORT: Type.Integer({ default: 9090 }),
  DRAIN_SECONDS: Type.Number({ default: 5, minimum: 0 }),
  LOG_LEVEL: Type.String({ default: 'info' }),
});
export type Settings = Static<typeof settings>;

import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { SignJWT } from 'jose';
import { createApp } from '../src/app.ts';
import { createPool } from '../src/database/pool.ts';
import { likeness } from '../src/products/trigram.ts';
import { uuidv7 } from '../src/server/uuid.ts';
import { type Answer, send } from '../src/testing/client.ts';
import { freshDatabase } from '../src/testing/database.ts';

export const issuer = 'https://api.example.com';
export const audience = 'shop';

/** Publishes keys as the user-manager does, and signs with them. */
export async function openIssuer() {
  const keys = new Map<string, KeyObject>();
  const published: object[] = [];
  let asked = 0;
  const server = createServer((_, response) => {
    asked++;
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: published }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  function addKey(kid: string): void {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    keys.set(kid, privateKey);
    published.push({ ...publicKey.export({ format: 'jwk' }), kid, alg: 'EdDSA', use: 'sig' });
  }
  addKey('first');

  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}/.well-known/jwks.json`,
    addKey,
    asked: () => asked,
    sign: (
      claims: Record<string, unknown> = {},
      { kid = 'first', key }: { kid?: string; key?: KeyObject } = {},
    ) => {
      const now = Math.floor(Date.now() / 1000);
      const all = {
        iss: issuer,
        aud: audience,
        sub: randomUUID(),
        role: 'customer',
        sid: randomUUID(),
        jti: randomUUID(),
        iat: now,
        exp: now + 60,
        ...claims,
      };
      const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
      const signing = key ?? keys.get(kid);
      if (!signing) throw new Error(`no key ${kid}`);
      return new SignJWT(given).setProtectedHeader({ alg: 'EdDSA', typ: 'JWT', kid }).sign(signing);
    },
    close: () => server.close(),
  };
}

export type World = Awaited<ReturnType<typeof openWorld>>;

export interface Asking {
  body?: unknown;
  /** Whose request it is: nobody's unless told. */
  as?: string | undefined;
  headers?: Record<string, string>;
}

/** The service on a database of its own, listening, as several replicas if need be. */
export async function openWorld({ url, replicas = 1 }: { url?: string; replicas?: number } = {}) {
  const databaseUrl = url ?? (await freshDatabase());
  const signer = await openIssuer();
  const running = await Promise.all(
    Array.from({ length: replicas }, async () => {
      const pool = createPool(
        { DATABASE_URL: databaseUrl, DATABASE_PORT: 5432, DATABASE_CONNECTIONS: 10 },
        'product',
        likeness,
      );
      const { app, drain } = await createApp({
        pool,
        jwksUrl: signer.url,
        issuer,
        audience,
        currency: 'CHF',
        log: false,
      });
      await app.listen({ port: 0, host: '127.0.0.1' });
      return {
        pool,
        app,
        drain,
        here: `http://127.0.0.1:${(app.server.address() as { port: number }).port}`,
      };
    }),
  );
  const [{ pool, here }] = running as [(typeof running)[number]];
  const admin = randomUUID();
  let turn = 0;

  const ask = async (
    method: string,
    path: string,
    { body, as, headers = {} }: Asking = {},
  ): Promise<Answer> => {
    const replica = running[turn++ % running.length]?.here ?? here;
    const all = { ...headers, ...(as !== undefined && { 'x-auth-assertion': as }) };
    return send(replica, method, path, { headers: Object.entries(all), body });
  };
  const asAdmin = () => signer.sign({ sub: admin, role: 'admin' });

  return {
    here,
    pool,
    signer,
    databaseUrl,
    ask,
    asAdmin,
    asCustomer: (sub: string = randomUUID()) => signer.sign({ sub }),
    /** Puts a product on the shelves. Returns its id. */
    async product({ stock = 100, ...more }: Record<string, unknown> = {}): Promise<string> {
      const body = { name: `Product ${uuidv7()}`, priceMinor: 1290, stock, ...more };
      const answer = await ask('POST', '/products', { as: await asAdmin(), body });
      if (answer.status !== 201) throw new Error(answer.text);
      return answer.body.id;
    },
    query: async (text: string, values: unknown[] = []) => (await pool.query(text, values)).rows,
    close: async () => {
      await Promise.all(running.map(each => each.app.close()));
      await Promise.all(running.map(each => each.pool.end()));
      signer.close();
    },
  };
}

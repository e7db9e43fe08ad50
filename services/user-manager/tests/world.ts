import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { createApp } from '../src/app.ts';
import { readKeys } from '../src/assertions/keys.ts';
import { createPool } from '../src/database/pool.ts';
import type { Mail } from '../src/mail.ts';
import type { Role } from '../src/tables.ts';
import { type Answer, send, type Wire } from '../src/testing/client.ts';
import { freshDatabase } from '../src/testing/database.ts';

export const origin = 'https://shop.example.com';
export const issuer = 'https://api.example.com';
export const audience = 'shop';
export const goodPassword = 'correct horse battery';

export interface Person {
  id: string;
  email: string;
  cookie: string;
}

export type World = Awaited<ReturnType<typeof openWorld>>;
let people = 0;

/** The service on a database of its own, listening. */
export async function openWorld(url?: string) {
  const databaseUrl = url ?? (await freshDatabase());
  const pool = createPool(
    { DATABASE_URL: databaseUrl, DATABASE_PORT: 5432, DATABASE_CONNECTIONS: 10 },
    'user-manager',
  );
  const keys = await readKeys(await keyFile());
  const mails: Mail[] = [];
  const { app, registry, drain } = await createApp({
    pool,
    keys: () => keys,
    origins: [origin],
    issuer,
    audience,
    log: false,
    trustedProxies: ['loopback'],
    mailer: { send: async mail => void mails.push(mail) },
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const here = `http://127.0.0.1:${(app.server.address() as { port: number }).port}`;

  /** A request as the shop's page sends it, unless told otherwise. */
  const ask = (
    method: string,
    path: string,
    {
      body,
      cookie,
      from,
      headers = {},
    }: { body?: unknown; cookie?: string | undefined; from?: string; headers?: Record<string, string> } = {},
  ): Promise<Answer> => {
    const all: Record<string, string> = {
      ...(method !== 'GET' && { origin }),
      ...(cookie && { cookie }),
      ...(from && { 'x-forwarded-for': from }),
      ...headers,
    };
    return send(here, method, path, { headers: Object.entries(all) as Wire, body });
  };

  const login = (email: string, password = goodPassword, more: Parameters<typeof ask>[2] = {}) =>
    ask('POST', '/auth/login', { body: { email, password }, ...more });

  /** Somebody who is registered and logged in, from an address of their own. */
  async function person(role: Role = 'customer'): Promise<Person> {
    people++;
    const email = `person${people}@example.com`;
    const from = `10.9.${people >> 8}.${people & 255}`;
    await ask('POST', '/auth/register', {
      from,
      body: { email, name: `Person ${people}`, password: goodPassword },
    });
    if (role === 'admin')
      await pool.query("UPDATE user_manager.users SET role = 'admin' WHERE email = $1", [email]);
    const answer = await login(email, goodPassword, { from });
    return { id: answer.body.id, email, cookie: cookieOf(answer) };
  }

  return {
    here,
    app,
    registry,
    drain,
    pool,
    mails,
    databaseUrl,
    ask,
    login,
    person,
    query: async (text: string, values: unknown[] = []) => (await pool.query(text, values)).rows,
    close: async () => {
      await app.close();
      await pool.end();
    },
  };
}

/** What a browser would send back. */
export const cookieOf = ({ headers }: Answer): string => headers['set-cookie']?.[0]?.split(';')[0] ?? '';

let file: Promise<string> | undefined;
export function keyFile(): Promise<string> {
  file ??= (async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keys-'));
    const path = join(folder, 'key.pem');
    const { privateKey } = generateKeyPairSync('ed25519');
    await writeFile(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    process.once('exit', () => void rm(folder, { recursive: true, force: true }));
    return path;
  })();
  return file;
}

/** A connection that is not the service's, for what goes on behind its back. */
export async function behind(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

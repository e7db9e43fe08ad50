import { readFileSync } from 'node:fs';
import type { PeerCertificate } from 'node:tls';
import pg from 'pg';
import { type Static, Type } from 'typebox';
import { SettingsError } from '../server/settings.ts';

/** Either DATABASE_URL or the parts. */
export const databaseSettings = {
  DATABASE_URL: Type.Optional(Type.String({ pattern: '^postgres(ql)?://' })),
  DATABASE_HOST: Type.Optional(Type.String()),
  DATABASE_PORT: Type.Integer({ default: 5432 }),
  DATABASE_USER: Type.Optional(Type.String()),
  DATABASE_PASSWORD: Type.Optional(Type.String()),
  DATABASE_NAME: Type.Optional(Type.String()),
  DATABASE_SSLMODE: Type.Optional(Type.String()),
  DATABASE_CA_FILE: Type.Optional(Type.String()),
  DATABASE_CONNECTIONS: Type.Integer({ default: 10, minimum: 1 }),
};
const schema = Type.Object(databaseSettings);
export type DatabaseSettings = Static<typeof schema>;

/**
 * How to reach the database. Whoever asks for encryption gets a certificate that is checked, by the given authority or by
 * the system's.
 * @throws {SettingsError} when it is not said where the database is
 */
export function connection(settings: DatabaseSettings): pg.ClientConfig {
  const url = settings.DATABASE_URL ? new URL(settings.DATABASE_URL) : undefined;
  if (!url && !settings.DATABASE_HOST)
    throw new SettingsError(
      'Neither DATABASE_URL nor DATABASE_HOST is set: see the table of settings in README.md.',
    );
  const config: pg.ClientConfig = url
    ? {
        host: decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, '$1'),
        port: Number(url.port || 5432),
        user: decodeURIComponent(url.username),
        password: decodeURIComponent(url.password),
        database: decodeURIComponent(url.pathname.slice(1)),
      }
    : {
        host: settings.DATABASE_HOST ?? '',
        port: settings.DATABASE_PORT,
        user: settings.DATABASE_USER,
        password: settings.DATABASE_PASSWORD,
        database: settings.DATABASE_NAME,
      };
  const mode = url?.searchParams.get('sslmode') ?? settings.DATABASE_SSLMODE;
  return { ...config, ssl: encryption(mode, settings.DATABASE_CA_FILE) };
}

function encryption(mode: string | undefined, caFile: string | undefined): pg.ClientConfig['ssl'] {
  const chosen = mode ?? (caFile ? 'verify-full' : 'disable');
  if (chosen === 'disable') return false;
  if (!['require', 'verify-ca', 'verify-full'].includes(chosen))
    throw new SettingsError(
      `sslmode ${chosen} is not one of disable, require, verify-ca, verify-full: see README.md.`,
    );
  return {
    rejectUnauthorized: true,
    ...(caFile && { ca: readFileSync(caFile, 'utf8') }),
    // As libpq has it: these two check who signed the certificate, and not whose name is in it.
    ...(chosen !== 'verify-full' &&
      caFile && { checkServerIdentity: (_: string, __: PeerCertificate) => undefined }),
  };
}

pg.types.setTypeParser(pg.types.builtins.INT8, text => {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is no safe integer`);
  return value;
});

/**
 * Nothing waits for ever: not for a connection, a lock or an answer.
 * @param options for each connection, as the server's command line has them: `-c NAME=VALUE`
 */
export function createPool(settings: DatabaseSettings, name: string, options?: string): pg.Pool {
  const pool = new pg.Pool({
    ...connection(settings),
    application_name: name,
    ...(options && { options }),
    max: settings.DATABASE_CONNECTIONS,
    connectionTimeoutMillis: 5000,
    idleTimeoutMillis: 30_000,
    statement_timeout: 10_000,
    lock_timeout: 5000,
    idle_in_transaction_session_timeout: 15_000,
    query_timeout: 12_000,
  });
  pool.on('error', () => {}); // an idle connection was lost; the next query opens another
  return pool;
}

import { readFile } from 'node:fs/promises';
import { setGlobalProxyFromEnv } from 'node:http';
import { setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Egress, openEgress } from '../../../sandbox/egress.ts';
import { type FaultProxy, faultProxy } from '../../../sandbox/fault-proxy.ts';
import { type Postgres, postgres } from '../../../sandbox/postgres/index.ts';
import { openRun } from '../../../sandbox/run.ts';
import { s3 } from '../../../sandbox/s3.ts';
import type { Connection, Exoscale } from '../../exoscale/exoscale.ts';
import { run as runChild } from '../../runner/child.ts';
import { UserError } from '../../runner/errors.ts';
import type { Runner } from '../../runner/runner.ts';
import { bucket } from '../../terraform/bucket.ts';
import { dump, proofOf, totals, writeProof } from './dump.ts';
import { holdings } from './look.ts';

const credentials = { key: 'EXOtest', secret: 'a secret' };
const place = { bucket: 'dumps', zone: 'ch-gva-2', endpoint: 'https://sos-ch-gva-2.exo.io' };
const store = { place, credentials, bucket: bucket(place, credentials) };
/** As Debian's wrapper: told no host, it takes the version of a cluster on this machine, which may be older. */
const wrapped: typeof runChild = (command, args, options = {}) => {
  if (options.env?.PGHOST) return runChild(command, args, options);
  throw new UserError(`${command}: error: unsupported version (1.16) in file header`);
};
const runner = {
  run: wrapped,
  mask() {},
  info() {},
  folder: async () => run.folder,
  progress() {},
  stop: new AbortController().signal,
} as unknown as Runner;

const run = openRun();
let server: Postgres;
let storage: FaultProxy;
let egress: Egress;
let connection: Connection;
beforeAll(async () => {
  server = await postgres(run, { name: 'database' });
  const objects = await s3(run);
  await objects.makeBucket('dumps');
  storage = await faultProxy(objects.url);
  egress = await openEgress(run, [{ host: '*.exo.io', target: storage.url }]);
  setGlobalProxyFromEnv(egress.environment);
  setDefaultCACertificates([await readFile(egress.environment.NODE_EXTRA_CA_CERTS as string, 'utf8')]);
  await server.database('shop');
  // What a password file must escape.
  const { user, password } = await server.user('shop', String.raw`a:b\c d`);
  connection = {
    ...{ host: server.host, port: server.port, user, password, database: 'shop' },
    ...{ sslmode: 'disable', certificate: '', uri: '' },
  };
  await server.query(
    `SET ROLE shop;
    CREATE TABLE "Odd, (Name)" ("a b" text, big text);
    INSERT INTO "Odd, (Name)" SELECT E'\\\\.\\nCOPY x.y (z) FROM stdin;', md5(random()::text) FROM generate_series(1, 5000);
    CREATE TABLE parent (id int); CREATE TABLE child () INHERITS (parent);
    INSERT INTO parent VALUES (1); INSERT INTO child VALUES (2), (3);
    CREATE TABLE bare (); INSERT INTO bare DEFAULT VALUES;
    CREATE MATERIALIZED VIEW seen AS SELECT * FROM parent;
    SELECT lo_from_bytea(0, 'an object') FROM generate_series(1, 3)`,
    [],
    'shop',
  );
});
afterAll(async () => {
  await egress?.close();
  await storage?.close();
  await run.close();
});

test('a dump of everything that a database can hold is whole, whoever writes meanwhile', async () => {
  let isOver = false;
  const writing = (async () => {
    while (!isOver) await server.query('INSERT INTO parent VALUES (4)', [], 'shop');
  })();
  const proven = await dump(runner, store, connection, 'busy.dump').finally(() => (isOver = true));
  await writing;
  expect(proven.rows).toMatchObject({ 'public.child': 2, 'public.bare': 1, 'large objects': 3 });
  expect(proven.rows['public.parent']).toBeGreaterThanOrEqual(1);
  await expect(proofOf(store, 'busy.dump')).rejects.toThrow('There is no busy.dump.proven in the bucket');
  await writeProof(store, 'busy.dump', proven);
  expect(await proofOf(store, 'busy.dump')).toEqual(proven);
  await server.query('DELETE FROM ONLY parent WHERE id = 4', [], 'shop');
});

test.each(['truncate', 'reset-before'] as const)('one that cannot be read back (%s) is none', async kind => {
  storage.faults.schedule({ method: 'GET', path: '/bad.dump', times: 10, effect: { kind } });
  await expect(dump(runner, store, connection, 'bad.dump')).rejects.toThrow(/run this again|try again/);
  storage.faults.clear();
});

test('who writes is out before the dump begins: it would be in none', async () => {
  const { Client } = (await import('pg')).default;
  const other = new Client({ connectionString: server.uri({ ...connection }, 'shop') });
  const lost: string[] = [];
  other.on('error', error => lost.push(String(error)));
  await other.connect();
  try {
    await other.query('BEGIN; INSERT INTO parent VALUES (5)');
    expect((await dump(runner, store, connection, 'alone.dump')).rows['public.parent']).toBe(1);
    await expect.poll(() => lost[0]).toContain('terminating connection due to administrator command');
  } finally {
    await other.end().catch(() => {});
  }
});

const cloud = {
  connection: async (_, { user, database }) => ({ ...connection, user, database }),
} as Partial<Exoscale> as Exoscale;
const look = (databases = ['shop']) => {
  const service = { name: 'shop-staging', state: 'running', users: ['shop'], admin: 'shop', databases };
  return holdings(runner, cloud, { ...service, filter: [], server: connection, sslmode: 'disable' }, 'shop');
};

test('a database that Exoscale does not know of is found, and one that lets nobody in is told', async () => {
  await server.query('CREATE DATABASE hidden OWNER shop');
  await server.query('SET ROLE shop; CREATE TABLE kept (id int)', [], 'hidden');
  const found = async () => (await look()).map(({ connection: { database }, tables }) => [database, tables]);
  expect(await found()).toEqual([
    ['hidden', 1],
    ['shop', 4],
  ]);
  await server.query('REVOKE CONNECT ON DATABASE hidden FROM PUBLIC, shop');
  await expect(look()).rejects.toThrow(/^The database hidden of shop-staging lets nobody in/);
  // That of the provider is like that.
  await server.query('ALTER DATABASE hidden RENAME TO _aiven');
  expect(await found()).toEqual([['shop', 4]]);
  await server.query('DROP DATABASE _aiven');
});

test('a name that no database of Exoscale can have is told before anything is changed', async () => {
  await server.query('CREATE DATABASE "a b" OWNER shop');
  expect(await look()).toHaveLength(1); // there is nothing in it
  await server.query('SET ROLE shop; CREATE TABLE kept (id int)', [], 'a b');
  await expect(look()).rejects.toThrow(/^The database a b of shop-staging has a name/);
  await server.query('DROP DATABASE "a b"');
});

test.each([
  ['a table', 'CREATE TABLE foreigner (id int)', 'DROP TABLE foreigner', 'public.foreigner'],
  ['a sequence', 'CREATE SEQUENCE foreigner', 'DROP SEQUENCE foreigner', 'public.foreigner'],
  [
    'a schema',
    'CREATE SCHEMA foreign_land; CREATE TABLE foreign_land.a (id int); GRANT SELECT ON foreign_land.a TO shop',
    'DROP SCHEMA foreign_land CASCADE',
    'foreign_land.a',
  ],
  [
    'rows',
    'CREATE TABLE foreigner (id int); GRANT SELECT ON foreigner TO shop; ALTER TABLE foreigner ENABLE ROW LEVEL SECURITY',
    'DROP TABLE foreigner',
    'public.foreigner',
  ],
])('%s that may not be read is told by a look', async (_, make, drop, name) => {
  await server.query(make, [], 'shop');
  await expect(look()).rejects.toThrow(`holds what its user shop may not read (${name}), so`);
  await server.query(drop, [], 'shop');
});

test('a table that may not be read is told as what somebody must mend, and nothing is in the bucket', async () => {
  await server.query('CREATE TABLE foreigner (id int)', [], 'shop');
  const failed = await dump(runner, store, connection, 'half.dump').catch(error => error);
  expect(failed).toBeInstanceOf(UserError);
  expect(failed.message).toMatch(/permission denied/);
  expect((await store.bucket('GET', 'half.dump')).status).toBe(404);
  await server.query('DROP TABLE foreigner', [], 'shop');
  const { rows } = await dump(runner, store, connection, 'whole.dump');
  expect(totals(rows)).toEqual({ tables: 4, rows: 5000 + 1 + 2 + 1 });
});

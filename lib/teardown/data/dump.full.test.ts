import { readFile } from 'node:fs/promises';
import { setGlobalProxyFromEnv } from 'node:http';
import { setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Egress, openEgress } from '../../../sandbox/egress.ts';
import { type FaultProxy, faultProxy } from '../../../sandbox/fault-proxy.ts';
import { type Postgres, postgres } from '../../../sandbox/postgres/index.ts';
import { openRun } from '../../../sandbox/run.ts';
import { s3 } from '../../../sandbox/s3.ts';
import type { Connection } from '../../exoscale/exoscale.ts';
import { run as runChild } from '../../runner/child.ts';
import type { Runner } from '../../runner/runner.ts';
import { bucket } from '../../terraform/bucket.ts';
import { dump } from './dump.ts';

const credentials = { key: 'EXOtest', secret: 'a secret' };
const place = { bucket: 'dumps', zone: 'ch-gva-2', endpoint: 'https://sos-ch-gva-2.exo.io' };
const store = { place, credentials, bucket: bucket(place, credentials) };
const runner = {
  run: runChild,
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

const rows = 5000 + 1 + 2 + 1;

test('a dump of everything that a database can hold is whole, whoever writes meanwhile', async () => {
  let isOver = false;
  const writing = (async () => {
    while (!isOver) await server.query('INSERT INTO parent VALUES (4)', [], 'shop');
  })();
  const proven = await dump(runner, store, connection, 'busy.dump').finally(() => (isOver = true));
  await writing;
  expect(proven).toMatchObject({ tables: 4 });
  expect(proven.rows).toBeGreaterThanOrEqual(rows);
  await server.query('DELETE FROM ONLY parent WHERE id = 4', [], 'shop');
});

test.each(['truncate', 'reset-before'] as const)('one that cannot be read back (%s) is none', async kind => {
  storage.faults.schedule({ method: 'GET', path: '/bad.dump', times: 10, effect: { kind } });
  await expect(dump(runner, store, connection, 'bad.dump')).rejects.toThrow(/run this again|try again/);
  storage.faults.clear();
});

test('a table that may not be read is told, and nothing is in the bucket', async () => {
  await server.query('CREATE TABLE foreigner (id int)', [], 'shop');
  await expect(dump(runner, store, connection, 'half.dump')).rejects.toThrow(/permission denied/);
  expect((await store.bucket('GET', 'half.dump')).status).toBe(404);
  await server.query('DROP TABLE foreigner', [], 'shop');
  expect(await dump(runner, store, connection, 'whole.dump')).toMatchObject({ tables: 4, rows });
});

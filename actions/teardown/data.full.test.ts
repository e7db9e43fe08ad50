import { type ChildProcess, execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { backend, type TerraformWorld, terraformWorld } from '../../sandbox/terraform-world.ts';

/* A teardown of an environment of which only the database is left: its data is kept before it goes. */

const module = `${backend}
terraform {
  required_providers {
    exoscale = { source = "exoscale/exoscale" }
  }
}
provider "exoscale" {}
variable "environment" {}
variable "platform_file" {}
resource "exoscale_dbaas" "database" {
  zone                   = "ch-gva-2"
  name                   = "shop-staging"
  type                   = "pg"
  plan                   = "startup-4"
  termination_protection = true
  pg                     = { ip_filter = ["203.0.113.9/32"] }
}
`;
const service = 'shop-staging';
const confirmed = { confirm: 'staging', 'confirm-data': service, 'cloudflare-api-token': 'not asked for' };
let world: TerraformWorld;
let cwd: string;
beforeAll(async () => {
  world = await terraformWorld({ databases: true });
  cwd = await world.checkout('shop', module);
  await applied();
});
afterAll(() => world?.[Symbol.asyncDispose]());

async function applied(): Promise<void> {
  const { code, log } = await world.step('apply', cwd);
  expect(code, log).toBe(0);
}

const teardown = (inputs: Record<string, string> = confirmed, more = {}) =>
  world.step('teardown', cwd, { inputs, ...more });
const here = () => world.exoscale.account.zones['ch-gva-2']?.databases.find(({ name }) => name === service);
const objects = async () => {
  const { body } = { body: (await world.object('?list-type=2&prefix=shop/staging/dumps/')) ?? '' };
  return [...body.matchAll(/<Key>([^<]+\.dump)</g)].map(([, key]) => key);
};
const query = (sql: string) => world.postgres(service)?.query(sql, [], 'shop');
/** Everything that somebody would miss, as text. */
const content = async () => [
  await query('SELECT * FROM product.items ORDER BY id'),
  await query('SELECT * FROM "Odd Name"."a ""table""" ORDER BY 1'),
  await query('SELECT loid, md5(data) FROM pg_largeobject'),
];
let before: unknown;

test('a database in which nobody has made a table goes without a question, and without a dump', async () => {
  const { code, log, outputs } = await teardown({ ...confirmed, 'confirm-data': '' });
  expect(code, log).toBe(0);
  expect(log).toContain(`The database service ${service} holds no table, so nothing of it is kept`);
  expect(outputs).toEqual({ leftovers: '[]', dumps: '[]' });
  expect(await objects()).toEqual([]);
  await applied();
});

test('without a second confirmation nothing that holds data goes, and nothing is changed', async () => {
  await fill();
  before = await content();
  const { code, log, annotations } = await teardown({ ...confirmed, 'confirm-data': 'staging' });
  expect(code, log).toBe(1);
  expect(annotations.at(-1)?.message).toMatch(
    /^The database service shop-staging holds data.*write shop-staging into the input "confirm-data"/,
  );
  await untouched();
  expect(await objects()).toEqual([]);
});

test.each([
  [
    'cannot be looked for',
    { method: 'GET', path: 'list-type=2.*staging%2Fdumps' },
    /refuses the Exoscale key/,
  ],
  ['is refused', { method: 'POST', path: '/dumps/.*uploads' }, /refuses the Exoscale key/],
  ['is refused half-way', { method: 'PUT', path: '/dumps/.*partNumber' }, /refuses the Exoscale key/],
  ['is not there when it is read back', { method: 'GET', path: '/dumps/' }, /refuses the Exoscale key/],
])('a dump that %s keeps the database where it is', async (_, fault, sentence) => {
  world.storage.faults.schedule({ ...fault, times: 100, effect: { kind: 'status', status: 403 } });
  const { code, log, annotations } = await teardown();
  world.storage.faults.clear();
  expect(code, log).toBe(1);
  expect(annotations.at(-1)?.message).toMatch(sentence);
  await untouched();
});

test('killed while it dumps, it leaves no half a dump and no open door; the next run keeps all of it', async () => {
  const begun = await objects();
  world.storage.faults.schedule({
    method: 'PUT',
    path: '/dumps/.*partNumber',
    effect: { kind: 'delay', milliseconds: 3000 },
  });
  const sent = world.storage.requests.length;
  const isSending = () => world.storage.requests.slice(sent).some(each => each.includes('partNumber'));
  const killed = await teardown(confirmed, {
    async started(main: ChildProcess) {
      while (!isSending() && main.exitCode === null) await sleep(20);
      main.kill('SIGKILL');
    },
  });
  world.storage.faults.clear();
  expect(killed.code).toBe(137);
  await untouched();
  expect(await objects()).toEqual(begun);

  const { code, log, outputs, masks } = await teardown();
  expect(code, log).toBe(0);
  expect(log).toMatch(
    /The database shop of shop-staging is kept in sos:\/\/acme-terraform-state\/shop\/staging\/dumps\/\S+Z\/shop-staging\/shop\.dump: 3 tables, 2003 rows, .* read back and whole/,
  );
  expect(log).toContain('no longer protected against its deletion');
  expect(here()).toBeUndefined();
  expect(JSON.parse(outputs.dumps ?? '')).toEqual([`sos://acme-terraform-state/${(await objects()).at(-1)}`]);
  expect(masks.length).toBeGreaterThan(0);
  expect(await world.object('?uploads')).not.toContain('<UploadId>');
});

test('a second teardown finds nothing to do, and says where the data is', async () => {
  const kept = await objects();
  const { code, log } = await teardown({ ...confirmed, 'confirm-data': '' });
  expect(code, log).toBe(0);
  expect(log).toContain('there was nothing to take down');
  expect(log).toContain(`What was in a database is kept in sos://acme-terraform-state/${kept.at(-1)}`);
  expect(await objects()).toEqual(kept);
});

test('what was kept comes back into the new database, once, and nothing that was not found whole', async () => {
  await applied();
  // The one that could not be read back.
  const unproven = (await restore('--dump', String((await objects())[0]))).log;
  expect(unproven).toMatch(
    /There is no \S+\.dump\.proven in the bucket, so nobody has found this dump whole/,
  );
  const rehearsal = await restore('--dry-run');
  expect(rehearsal.log).toMatch(/\/shop\.dump → the database shop of shop-staging\n.*nothing was changed/s);
  expect(here()).toMatchObject({ databases: ['defaultdb'], 'ip-filter': ['203.0.113.9/32'] });
  const first = await restore();
  expect(first.log).toContain('The database shop of shop-staging is filled: 3 tables, 2003 rows');
  expect(await content()).toEqual(before);
  const second = await restore();
  expect(second.code, second.log).toBe(1);
  expect(second.log).toMatch(/is not empty \("Odd Name"\..*and nothing was changed/);
  await untouched();
});

async function restore(...options: string[]): Promise<{ code: number; log: string }> {
  const script = join(import.meta.dirname, '../../scripts/slipway.ts');
  const env = { ...world.environment, EXOSCALE_API_KEY: world.key, EXOSCALE_API_SECRET: world.secret };
  const ran = promisify(execFile)(process.execPath, [script, 'restore', 'staging', ...options], { cwd, env });
  const { code = 0, stdout, stderr } = await ran.catch(error => error);
  return { code, log: `${stdout}${stderr}` };
}

/** As bootstrap and the services do it, and somebody who likes odd names. */
async function fill(): Promise<void> {
  const { caller, settled } = await import('../../sandbox/exoscale/testing.ts');
  const call = caller(world.exoscale.url, world);
  for (const [path, body] of [
    ['user', { username: 'shop' }],
    ['database', { 'database-name': 'shop' }],
  ] as const)
    await settled(call, (await call('POST', `/dbaas-postgres/${service}/${path}`, body)).body.id);
  await query(`
    SET ROLE shop;
    CREATE SCHEMA product;
    CREATE TABLE product.items (id int PRIMARY KEY, note text);
    INSERT INTO product.items SELECT n, repeat(md5(n::text), 200) FROM generate_series(1, 2000) n;
    INSERT INTO product.items VALUES (-1, E'COPY product.items (id) FROM stdin;\\n\\\\.\\n'), (-2, NULL);
    CREATE TABLE product.orders (id int) PARTITION BY RANGE (id);
    CREATE TABLE product.orders_1 PARTITION OF product.orders FOR VALUES FROM (0) TO (10);
    CREATE SCHEMA "Odd Name";
    CREATE TABLE "Odd Name"."a ""table""" ("select" text);
    INSERT INTO "Odd Name"."a ""table""" VALUES ('x');
    SELECT lo_from_bytea(4711, 'a large object');
  `);
}

async function untouched(): Promise<void> {
  expect(here()).toMatchObject({ 'termination-protection': true, 'ip-filter': ['203.0.113.9/32'] });
  expect(await content()).toEqual(before);
  expect(world.exoscale.complaints).toEqual([]);
}

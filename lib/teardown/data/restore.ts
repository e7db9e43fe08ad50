import { Readable } from 'node:stream';
import { type Database, type Exoscale, exoscale } from '../../exoscale/exoscale.ts';
import { type Target, target as targetOf } from '../../platform/platform.ts';
import { UserError } from '../../runner/errors.ts';
import { whole } from '../../runner/gather.ts';
import type { Runner } from '../../runner/runner.ts';
import { bucket, download } from '../../terraform/bucket.ts';
import { describe, heldLock } from '../../terraform/lock.ts';
import { stateLocation } from '../../terraform/state.ts';
import { plural, some } from '../../terraform/text.ts';
import { withAccess } from './access.ts';
import { assertRestorable, program } from './client-programs.ts';
import { count, type Proven, proofOf, type Store, totals } from './dump.ts';
import { hashed } from './hashed.ts';
import { rows, tablesOf } from './look.ts';
import { dumpsPlace, isThere, newestDumps, told } from './place.ts';
import { clientEnvironment, masked, withClient } from './session.ts';

export interface RestoreRequest {
  environment: string;
  platformFile: string;
  /** The key of a dump, or its `sos://` address; those of the environment's last teardown unless told. */
  dump?: string | undefined;
  exoscaleApiKey?: string | undefined;
  exoscaleApiSecret?: string | undefined;
  dryRun: boolean;
}

interface Dump {
  key: string;
  database: string;
  proven: Proven;
}

/**
 * Fills an environment's databases from dumps, each in one transaction: all of it is there, or nothing. A database that
 * holds a table is left alone. Before anything is written, all dumps are found whole and all databases empty.
 */
export async function restore(runner: Runner, request: RestoreRequest): Promise<void> {
  const target = await targetOf(request.platformFile, request.environment);
  const credentials = { key: request.exoscaleApiKey ?? '', secret: request.exoscaleApiSecret ?? '' };
  const place = dumpsPlace(target);
  const store: Store = { place, credentials, bucket: bucket(place, credentials) };
  const cloud = exoscale({ ...credentials, zone: target.settings.zone });
  const { resourceName: service } = target;
  const found = await cloud.findDatabase(service);
  if (!found)
    throw new UserError(`There is no database service ${service} in ${cloud.zone}: "apply" creates it`);
  const state = stateLocation(target);
  const held = await heldLock(bucket(state, credentials), state);
  if (held)
    throw new UserError(
      `The state is locked by ${describe(held)}, who may be about to take ${service} down: run this again when that has ended`,
    );
  const dumps = await whole(
    (await chosen(store, target, request.dump)).map(async key => {
      const proven = await proofOf(store, key);
      if (await isThere(store.bucket, key)) return { key, database: told(key)?.database ?? '', proven };
      throw new UserError(
        `There is no ${key} in the bucket "${place.bucket}": see what a teardown has named`,
      );
    }),
  );
  for (const { key, database } of dumps)
    runner.info(
      `sos://${place.bucket}/${key} → the database ${database} of ${service}${found.databases.includes(database) ? ', if it is empty' : ''}`,
    );
  if (request.dryRun) return runner.info(`${request.environment}: nothing was changed`);
  await runner.graceful(() =>
    withAccess(runner, cloud, service, async () => {
      await look(runner, cloud, found, dumps);
      for (const dump of dumps) await fill(runner, cloud, store, target, dump);
    }),
  );
}

/** @throws UserError when there is none, or the name is none of a dump */
async function chosen({ place, bucket }: Store, target: Target, dump?: string): Promise<string[]> {
  const address = `sos://${place.bucket}/`;
  if (dump !== undefined) {
    const key = dump.startsWith(address) ? dump.slice(address.length) : dump;
    if (told(key) && !/[?#]|:\/\//.test(key)) return [key];
    throw new UserError(
      `"${dump}" is no dump of ours in ${address}: name one as a teardown does, ${address}${target.platform.name}/${target.environment}/dumps/TIME/SERVICE/DATABASE.dump`,
    );
  }
  const keys = await newestDumps(bucket, target);
  const ours = keys.filter(key => told(key)?.service === target.resourceName);
  if (ours.length > 0) return ours;
  const others = keys.length > 0 ? ` (there is ${keys.join(', ')})` : '';
  throw new UserError(
    `There is no dump of the database service ${target.resourceName} of ${target.environment} in ${address}${others}: name another with the input "dump"`,
  );
}

/** @throws UserError when a database is not empty, or pg_restore cannot fill it */
async function look(
  runner: Runner,
  cloud: Exoscale,
  { name, users, admin = users[0] ?? '', databases }: Database,
  dumps: readonly Dump[],
): Promise<void> {
  const reach = (database: string) => masked(runner, cloud.connection(name, { user: admin, database }));
  const first = await reach(databases[0] ?? 'defaultdb');
  const [server] = await withClient(runner, first, client =>
    rows<{ version: string }>(client, "SELECT current_setting('server_version_num') AS version"),
  );
  const version = Math.floor(Number(server?.version) / 10_000);
  await assertRestorable(runner, await clientEnvironment(runner, first), version);
  for (const { database } of dumps.filter(each => databases.includes(each.database))) {
    const before = await withClient(runner, await reach(database), tablesOf);
    if (before.length > 0)
      throw new UserError(
        `The database ${database} of ${name} is not empty (${some(before, 3).join(', ')}), and nothing was changed: a dump is restored right after "apply", before "bootstrap"`,
      );
  }
}

async function fill(
  runner: Runner,
  cloud: Exoscale,
  { place, credentials }: Store,
  { platform, resourceName: service }: Target,
  { key, database, proven }: Dump,
): Promise<void> {
  const connection = await masked(runner, cloud.ensureDatabase(service, { user: platform.name, database }));
  const stream = await download(place, credentials, key);
  if (!stream)
    throw new UserError(`There is no ${key} in the bucket "${place.bucket}": see what a teardown has named`);
  // Owners and grants are those of the old service.
  const options = [
    '--no-owner',
    '--no-privileges',
    '--single-transaction',
    '--exit-on-error',
    '--no-password',
  ];
  runner.progress(`Restoring the database ${database}`);
  await program(runner, 'pg_restore', [...options, `--dbname=${database}`], {
    env: await clientEnvironment(runner, connection),
    source: Readable.from(hashed(stream, `The bucket broke off in the middle of ${key}`).chunks(), {
      objectMode: false,
    }),
  });
  const counted = await withClient(runner, connection, async client => {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    return Object.fromEntries(await count(client));
  });
  const wrong = Object.entries(proven.rows).filter(([table, rows]) => counted[table] !== rows);
  if (wrong.length > 0)
    throw new UserError(
      `The database ${database} of ${service} holds something else than its dump (${some(
        wrong.map(([table, rows]) => `${table}: ${counted[table] ?? 'none'} of ${rows} rows`),
        3,
      ).join(
        ', ',
      )}): see whether something else writes into it; to fill it anew, drop its tables and run this again`,
    );
  const { tables, rows } = totals(counted);
  runner.info(
    `The database ${database} of ${service} is filled: ${plural(tables, 'table')}, ${plural(rows, 'row')}`,
  );
}

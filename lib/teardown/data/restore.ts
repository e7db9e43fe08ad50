import { Readable } from 'node:stream';
import { type Exoscale, exoscale } from '../../exoscale/exoscale.ts';
import { type Target, target as targetOf } from '../../platform/platform.ts';
import { UserError } from '../../runner/errors.ts';
import type { Runner } from '../../runner/runner.ts';
import { bucket, download } from '../../terraform/bucket.ts';
import { plural } from '../../terraform/text.ts';
import { withAccess } from './access.ts';
import { program } from './client-programs.ts';
import { count, type Store, totals } from './dump.ts';
import { hashed } from './hashed.ts';
import { tablesOf } from './look.ts';
import { dumpsPlace, newestDumps, told } from './place.ts';
import { clientEnvironment, withClient } from './session.ts';

export interface RestoreRequest {
  environment: string;
  platformFile: string;
  /** The key of a dump, or its `sos://` address; those of the environment's last teardown unless told. */
  dump?: string | undefined;
  exoscaleApiKey?: string | undefined;
  exoscaleApiSecret?: string | undefined;
  dryRun: boolean;
}

/**
 * Fills an environment's databases from dumps, each in one transaction: all of it is there, or nothing. A database that
 * holds a table is left alone.
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
  const keys = await chosen(store, target, request.dump);
  for (const key of keys)
    runner.info(`sos://${place.bucket}/${key} → the database ${told(key)?.database} of ${service}`);
  if (request.dryRun) return runner.info(`${request.environment}: nothing was changed`);
  await runner.graceful(() =>
    withAccess(runner, cloud, service, async () => {
      for (const key of keys) await fill(runner, cloud, store, target, key);
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
      `"${dump}" is no dump of ours in ${address}: name one as a teardown does, ${address}${target.platform.name}/${target.environment}/dumps/TIME-DATABASE.dump`,
    );
  }
  const keys = await newestDumps(bucket, target);
  if (keys.length > 0) return keys;
  throw new UserError(
    `There is no dump of ${target.environment} in ${address}: name another with the input "dump"`,
  );
}

async function fill(
  runner: Runner,
  cloud: Exoscale,
  { place, credentials }: Store,
  { platform, resourceName: service }: Target,
  key: string,
): Promise<void> {
  const { database = '' } = told(key) ?? {};
  const connection = await cloud.ensureDatabase(service, { user: platform.name, database });
  runner.mask(connection.password);
  runner.mask(connection.uri);
  const before = await withClient(runner, connection, tablesOf);
  if (before.length > 0)
    throw new UserError(
      `The database ${database} of ${service} is not empty (${before.slice(0, 3).join(', ')}${before.length > 3 ? '…' : ''}), and nothing was changed: a dump is restored right after "apply", before "bootstrap"`,
    );
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
  const { tables, rows } = await withClient(runner, connection, async client => {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    return totals(await count(client));
  });
  runner.info(
    `The database ${database} of ${service} is filled: ${plural(tables, 'table')}, ${plural(rows, 'row')}`,
  );
}

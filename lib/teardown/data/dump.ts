import { Readable } from 'node:stream';
import type { Client } from 'pg';
import type { Connection } from '../../exoscale/exoscale.ts';
import { UserError } from '../../runner/errors.ts';
import type { Runner } from '../../runner/runner.ts';
import { assertStatus, type Bucket, download, type Place } from '../../terraform/bucket.ts';
import type { Credentials } from '../../terraform/signature.ts';
import { program } from './client-programs.ts';
import { countRows, largeObjects } from './count-rows.ts';
import { hashed } from './hashed.ts';
import { rows, tablesOf } from './look.ts';
import { proofKey } from './place.ts';
import { clientEnvironment, withClient } from './session.ts';
import { expelOthers } from './sessions.ts';
import { size } from './size.ts';
import { type Arrived, beginUpload } from './upload.ts';

/** Where a dump goes and how it is read back. */
export interface Store {
  bucket: Bucket;
  place: Place;
  credentials: Credentials;
}

/** What a dump was proven to hold. */
export interface Proven {
  bytes: number;
  sha256: string;
  /** The rows of each table, by its name as SQL writes it; and of the large objects. */
  rows: Record<string, number>;
}

/**
 * Dumps a database into an object, and reads that back: every byte, and of every table every row that it had.
 * @throws UserError when the dump is not whole, for whatever reason; an object that was not completed is not there
 */
export async function dump(
  runner: Runner,
  { bucket, place, credentials }: Store,
  connection: Connection,
  key: string,
): Promise<Proven> {
  const environment = await clientEnvironment(runner, connection);
  const { counted, arrived } = await withClient(runner, connection, async client => {
    await expelOthers(runner, client, connection.database);
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    const [exported] = await rows<{ id: string }>(client, 'SELECT pg_export_snapshot() AS id');
    const upload = await beginUpload(bucket, key, bytes =>
      runner.progress(`Dumping ${connection.database}: ${size(bytes)} are in the bucket`),
    );
    try {
      const args = ['--format=custom', '--no-password', `--snapshot=${exported?.id}`];
      let arrived: Arrived | undefined;
      const sink = async (stdout: Readable) => {
        arrived = await upload.take(stdout);
      };
      // The same moment is counted and dumped, whoever writes meanwhile.
      const counted = await count(client);
      await program(runner, 'pg_dump', args, { env: environment, sink });
      // Only now: the output of one that failed ends like that of one that did not.
      await upload.complete();
      return { counted, arrived: arrived as Arrived | undefined };
    } catch (error) {
      await upload.abort().catch(() => {}); // the next run does it
      throw error;
    }
  });
  const found = await readBack(runner, environment, place, credentials, key, arrived);
  const wrong = [...counted].filter(([table, rows]) => found.get(table) !== rows);
  if (wrong.length > 0)
    throw new UserError(
      `The dump ${key} is not whole (${wrong.map(([table, rows]) => `${table}: ${found.get(table) ?? 'none'} of ${rows} rows`).join(', ')}): run this again`,
    );
  if (!arrived) throw new Error('a dump was completed and has not arrived');
  return { ...arrived, rows: Object.fromEntries(counted) };
}

/** Writes down that a dump is whole, beside it. */
export async function writeProof({ bucket }: Store, key: string, proven: Proven): Promise<void> {
  const answer = await bucket('PUT', proofKey(key), { body: JSON.stringify(proven) });
  assertStatus(answer, [200], `${proofKey(key)} could not be written`);
}

/** @throws UserError when it was never proven to be whole */
export async function proofOf({ bucket }: Store, key: string): Promise<Proven> {
  const { status, body } = await bucket('GET', proofKey(key));
  if (status === 200) return JSON.parse(body) as Proven;
  throw new UserError(
    `There is no ${proofKey(key)} in the bucket, so nobody has found this dump whole: see what a teardown has named`,
  );
}

/** Without the large objects. */
export function totals(counts: Record<string, number>): { tables: number; rows: number } {
  const tables = Object.entries(counts).filter(([name]) => name !== largeObjects);
  return { tables: tables.length, rows: tables.reduce((sum, [, rows]) => sum + rows, 0) };
}

/** The rows of every table, and the large objects. */
export async function count(client: Client): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const table of await tablesOf(client)) {
    const [found] = await rows<{ rows: string }>(client, `SELECT count(*) AS rows FROM ONLY ${table}`);
    counts.set(table, Number(found?.rows));
  }
  const [objects] = await rows<{ rows: string }>(
    client,
    'SELECT count(*) AS rows FROM pg_largeobject_metadata',
  );
  return counts.set(largeObjects, Number(objects?.rows));
}

/** @returns the rows of each table in the object, which is the one that was sent */
async function readBack(
  runner: Runner,
  environment: Record<string, string>,
  place: Place,
  credentials: Credentials,
  key: string,
  sent: Arrived | undefined,
): Promise<Map<string, number>> {
  const stream = await download(place, credentials, key);
  if (!stream)
    throw new UserError(`The dump ${key} is not in the bucket after it was written: run this again`);
  const read = hashed(stream, `The bucket broke off in the middle of ${key}`);
  let counts = new Map([[largeObjects, 0]]);
  await program(runner, 'pg_restore', ['--data-only', '--file=-'], {
    env: environment, // Debian's wrapper takes the version of a cluster on this machine when it is told no host
    source: Readable.from(read.chunks(), { objectMode: false }),
    async sink(stdout) {
      counts = new Map([...counts, ...(await countRows(stdout))]);
    },
  });
  const received = await read.rest();
  if (received.sha256 !== sent?.sha256)
    throw new UserError(
      `The dump ${key} came back from the bucket as something else (${received.bytes} of ${sent?.bytes} bytes): run this again`,
    );
  return counts;
}

import { ownAddress } from '../../cloudflare/address.ts';
import type { Database, Exoscale } from '../../exoscale/exoscale.ts';
import type { Target } from '../../platform/platform.ts';
import { UserError } from '../../runner/errors.ts';
import type { Runner } from '../../runner/runner.ts';
import { bucket } from '../../terraform/bucket.ts';
import type { Credentials } from '../../terraform/signature.ts';
import { plural } from '../../terraform/text.ts';
import type { Service } from '../observe.ts';
import { type Address, isSole, withAccess, withSoleAccess } from './access.ts';
import { assertPrograms } from './client-programs.ts';
import { dump, type Proven, type Store, totals, writeProof } from './dump.ts';
import { type Holding, holdings } from './look.ts';
import { dumpKey, dumpsPlace, leavingNoUpload, moment, newestDumps, prefix, told } from './place.ts';
import { clientEnvironment } from './session.ts';
import { size } from './size.ts';
import { beginUpload } from './upload.ts';

/** Sees to it that no database goes whose content is not kept. */
export interface Keeper {
  /**
   * Looks into the databases that are about to go.
   * @param confirmed the names of services whose data may go from there, between commas
   * @throws UserError while nothing was changed: for what cannot be dumped, and what nobody has confirmed
   */
  look(services: readonly Service[], confirmed: string | undefined): Promise<void>;
  /** What would be done with them, a line each. Asks nobody. */
  promise(services: readonly Service[]): string[];
  /**
   * Dumps all that is in a service that Terraform has just seen, and lets nobody in from then on; once, unless somebody was.
   * @throws UserError when it is not kept: then the service must stay
   */
  keep(service: Service): Promise<void>;
  /** Where the last dumps of the environment are. @throws UserError when the bucket cannot be read */
  kept(): Promise<Kept[]>;
}

export interface Kept {
  /** `sos://bucket/key` */
  address: string;
  /** `2026-11-27 09:30:00 UTC` */
  moment: string;
}

/** Who is asked what Exoscale's API does not tell. */
interface Outside {
  address: Address;
  bucket: typeof bucket;
  holdings: typeof holdings;
}

export function keeper(
  runner: Runner,
  cloud: Exoscale,
  target: Target,
  credentials: Credentials,
  outside: Outside = { address: ownAddress, bucket, holdings },
): Keeper {
  const place = dumpsPlace(target);
  const store: Store = { place, credentials, bucket: outside.bucket(place, credentials) };
  const done = new Set<string>();
  const uploading = (work: () => Promise<void>) =>
    leavingNoUpload(store.bucket, target, work, sentence => runner.warning(sentence));
  const at = (key: string) => `sos://${place.bucket}/${key}`;
  const keyOf = (service: string, database: string, now = new Date()) =>
    dumpKey(target, service, database, now);
  const going = ({ name, type }: Service) =>
    type === 'pg'
      ? `The database service ${name} holds data, and goes with all that is in it once a dump is kept below ${at(prefix(target))}`
      : `The database service ${name} is of type ${type}, which is not dumped: all that is in it is lost`;

  /** Undefined for a service that is not there. */
  async function find({ name, zone }: Service): Promise<Database | undefined> {
    if (zone !== cloud.zone)
      throw new UserError(
        `The database service ${name} is in ${zone} by Terraform's state, and platform.yaml has "zone: ${cloud.zone}": write the zone there in which it is`,
      );
    const found = await cloud.findDatabase(name);
    if (!found || found.state === 'running') return found;
    throw new UserError(
      `The database service ${name} is ${found.state}, so nobody can see what is in it: run this again when it is running, or delete it in Exoscale's console if nobody needs what is in it`,
    );
  }

  const contents = (found: Database) => outside.holdings(runner, cloud, found, target.platform.name);

  /** Whether it holds something. @throws UserError when that cannot be dumped */
  async function holdsData(service: Service): Promise<boolean> {
    const { name } = service;
    const found = await find(service);
    if (!found) {
      runner.info(`The database service ${name} is not in ${cloud.zone} any more`);
      return false;
    }
    const all = await withAccess(runner, cloud, name, () => contents(found), outside.address);
    runner.info(summary(name, all));
    const [first] = all;
    if (!first) return false;
    await assertPrograms(runner, await clientEnvironment(runner, first.connection), first.version);
    // A bucket that does not take it is told before anything is changed.
    await uploading(async () =>
      (await beginUpload(store.bucket, keyOf(name, first.connection.database))).abort(),
    );
    return true;
  }

  return {
    async look(services, confirmed = '') {
      const names = new Set(confirmed.split(',').map(each => each.trim()));
      const asked: Service[] = [];
      for (const service of services) {
        const isAsked = service.type !== 'pg' || (await holdsData(service));
        if (!isAsked) continue;
        if (service.type !== 'pg') runner.info(going(service));
        asked.push(service);
      }
      if (asked.every(({ name }) => names.has(name))) return;
      const all = asked.map(({ name }) => name).join();
      throw new UserError(
        `${asked.map(going).join('; ')}: write ${all} into the input "confirm-data" if ${asked.length === 1 ? 'it' : 'all of it'} may go`,
      );
    },
    promise: services =>
      services.map(service =>
        service.type === 'pg'
          ? `What is in the database service ${service.name} would be dumped below ${at(prefix(target))} first; if it holds anything, "confirm-data" must name ${service.name}`
          : `${going(service)}; "confirm-data" must name ${service.name}`,
      ),
    async keep(service) {
      if (service.type !== 'pg') return; // confirmed as what is lost
      const { name } = service;
      const found = await find(service);
      if (!found)
        throw new UserError(
          `Terraform is about to destroy the database service ${name}, and Exoscale does not find it in ${cloud.zone}, so nothing of it could be kept: run this again`,
        );
      if (done.has(name) && (await isSole(found, outside.address))) return;
      done.delete(name);
      const dumpAll = async () => {
        const now = new Date();
        const proven: [string, Proven][] = [];
        for (const { connection } of await contents(found)) {
          const key = keyOf(name, connection.database, now);
          const proof = await dump(runner, store, connection, key);
          const { tables, rows } = totals(proof.rows);
          runner.info(
            `The database ${connection.database} of ${name} is kept in ${at(key)}: ${plural(tables, 'table')}, ${plural(rows, 'row')}, ${size(proof.bytes)}, read back and whole`,
          );
          proven.push([key, proof]);
        }
        // Only now: some of a service's databases are not taken for all of them.
        for (const [key, proof] of proven) await writeProof(store, key, proof);
      };
      await uploading(() => withSoleAccess(runner, cloud, name, dumpAll, outside.address));
      done.add(name);
    },
    async kept() {
      const keys = await newestDumps(store.bucket, target);
      return keys.map(key => ({ address: at(key), moment: moment(told(key) ?? { time: '' }) }));
    },
  };
}

/** All has gone by now, and what was dumped has been told: that is not undone because a list cannot be read. */
export async function keptAtLast(runner: Runner, data: Pick<Keeper, 'kept'>): Promise<Kept[]> {
  try {
    return await data.kept();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    runner.warning(`Where the last dumps are kept could not be asked: ${error.message}`);
    return [];
  }
}

function summary(service: string, found: readonly Holding[]): string {
  if (found.length === 0) return `The database service ${service} holds no table, so nothing of it is kept`;
  const each = found.map(
    ({ connection, tables, bytes }) =>
      `${connection.database} with ${plural(tables, 'table')}, ${size(bytes)}`,
  );
  return `The database service ${service} holds ${each.join('; ')}`;
}

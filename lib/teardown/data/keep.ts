import type { Exoscale } from '../../exoscale/exoscale.ts';
import type { Target } from '../../platform/platform.ts';
import { UserError } from '../../runner/errors.ts';
import type { Runner } from '../../runner/runner.ts';
import { bucket } from '../../terraform/bucket.ts';
import type { Credentials } from '../../terraform/signature.ts';
import { plural } from '../../terraform/text.ts';
import { withAccess } from './access.ts';
import { assertPrograms } from './client-programs.ts';
import { dump, type Store } from './dump.ts';
import { type Holding, holdings } from './look.ts';
import { dumpKey, dumpsPlace, leavingNoUpload, newestDumps } from './place.ts';
import { clientEnvironment } from './session.ts';
import { size } from './size.ts';
import { beginUpload } from './upload.ts';

/** Sees to it that no database goes whose content is not kept. */
export interface Keeper {
  /**
   * Looks into the databases that are about to go.
   * @param confirmed the names of services whose data may go from there
   * @throws UserError while nothing was changed: for one that cannot be dumped, or that nobody has confirmed
   */
  look(services: readonly string[], confirmed: string | undefined): Promise<void>;
  /** What would be done with them, a line each. Asks nobody. */
  promise(services: readonly string[]): string[];
  /** Dumps all that is in a service, once. @throws UserError when it is not kept: then the service must stay */
  keep(service: string): Promise<void>;
  /** Where the last dumps of the environment are, as `sos://bucket/key`. */
  kept(): Promise<string[]>;
}

export function keeper(runner: Runner, cloud: Exoscale, target: Target, credentials: Credentials): Keeper {
  const place = dumpsPlace(target);
  const store: Store = { place, credentials, bucket: bucket(place, credentials) };
  const done = new Set<string>();
  const uploading = (work: () => Promise<void>) =>
    leavingNoUpload(store.bucket, target, work, sentence => runner.warning(sentence));
  const at = (key: string) => `sos://${place.bucket}/${key}`;

  /** Undefined for a service that is gone. */
  async function inside<T>(name: string, work: (found: Holding[]) => Promise<T>): Promise<T | undefined> {
    const service = await cloud.findDatabase(name);
    if (!service) return undefined;
    if (service.state !== 'running')
      throw new UserError(
        `The database service ${name} is ${service.state}, so nobody can see what is in it: run this again when it is running, or delete it in Exoscale's console if nobody needs what is in it`,
      );
    return withAccess(runner, cloud, name, async () =>
      work(await holdings(runner, cloud, service, target.platform.name)),
    );
  }

  return {
    async look(services, confirmed) {
      for (const name of services) {
        await inside(name, async found => {
          runner.info(summary(name, found));
          const [first] = found;
          if (!first) return;
          await assertPrograms(runner, await clientEnvironment(runner, first.connection), first.version);
          // A bucket that does not take it is told before anything is changed.
          await uploading(async () =>
            (await beginUpload(store.bucket, dumpKey(target, first.connection.database))).abort(),
          );
          if (confirmed === name) return;
          throw new UserError(
            `The database service ${name} holds data, and goes with all that is in it once a dump is kept in ${at('')}: write ${name} into the input "confirm-data" if it may go`,
          );
        });
      }
    },
    promise: services =>
      services.map(
        name =>
          `What is in the database service ${name} would be dumped into ${at(dumpKey(target, 'DATABASE').replace(/[^/]+$/, ''))} first; if it holds anything, "confirm-data" must be ${name}`,
      ),
    async keep(name) {
      if (done.has(name)) return;
      const kept = async ({ connection }: Holding) => {
        const key = dumpKey(target, connection.database);
        const { bytes, tables, rows } = await dump(runner, store, connection, key);
        runner.info(
          `The database ${connection.database} of ${name} is kept in ${at(key)}: ${plural(tables, 'table')}, ${plural(rows, 'row')}, ${size(bytes)}, read back and whole`,
        );
      };
      await inside(name, found =>
        uploading(async () => {
          for (const each of found) await kept(each);
        }),
      );
      done.add(name);
    },
    async kept() {
      return (await newestDumps(store.bucket, target)).map(at);
    },
  };
}

function summary(service: string, found: readonly Holding[]): string {
  if (found.length === 0) return `The database service ${service} holds no table, so nothing of it is kept`;
  const each = found.map(
    ({ connection, tables, bytes }) =>
      `${connection.database} with ${plural(tables, 'table')}, ${size(bytes)}`,
  );
  return `The database service ${service} holds ${each.join('; ')}`;
}

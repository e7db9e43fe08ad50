import { ownAddress } from '../../cloudflare/address.ts';
import { type Credentials, type Database, type Exoscale, exoscale } from '../../exoscale/exoscale.ts';
import { UserError } from '../../runner/errors.ts';
import type { Runner } from '../../runner/runner.ts';

const saved = 'database-access';

/** What is to be put back: a service's filter, and the network of this machine that it was opened for. */
interface Opened {
  service: string;
  zone: string;
  network: string;
  before: string[];
}

/** How the address is found from which this machine goes out. */
export type Address = () => Promise<string>;

const networkOf = async (address: Address) => `${await address()}/32`;

/**
 * Does work while this machine may reach a database service: its filter else lets in the nodes alone. The address is taken
 * out again at the end, by `shutLeft` when this process was killed.
 */
export async function withAccess<T>(
  runner: Runner,
  cloud: Exoscale,
  service: string,
  work: () => Promise<T>,
  address: Address = ownAddress,
): Promise<T> {
  const { filter } = await there(cloud, service);
  const network = await networkOf(address);
  if (filter.includes(network) || filter.includes('0.0.0.0/0')) return work();
  const opened = { service, zone: cloud.zone, network, before: filter };
  runner.save(saved, JSON.stringify(opened));
  try {
    await cloud.filterDatabase(service, [...filter, network]);
    return await work();
  } finally {
    await shut(runner, cloud, opened);
  }
}

/**
 * Does work while this machine and nobody else may reach a database service. When that is done it stays so: what comes after
 * would be in no dump. When it fails, or this process is killed in it, the filter becomes what it was.
 */
export async function withSoleAccess<T>(
  runner: Runner,
  cloud: Exoscale,
  service: string,
  work: () => Promise<T>,
  address: Address = ownAddress,
): Promise<T> {
  const { filter } = await there(cloud, service);
  const network = await networkOf(address);
  const opened = { service, zone: cloud.zone, network, before: filter };
  runner.save(saved, JSON.stringify(opened));
  try {
    await cloud.filterDatabase(service, [network]);
    const result = await work();
    runner.save(saved, '');
    return result;
  } catch (error) {
    await shut(runner, cloud, opened);
    throw error;
  }
}

/** Whether nobody but this machine is let in. */
export async function isSole({ filter }: Database, address: Address = ownAddress): Promise<boolean> {
  const network = await networkOf(address);
  return filter.length > 0 && filter.every(each => each === network);
}

/** In `post`: takes the address out that a killed `main` has left in. */
export async function shutLeft(runner: Runner, keys: Omit<Credentials, 'zone'>): Promise<void> {
  const left = runner.saved(saved);
  if (!left) return;
  const opened = JSON.parse(left) as Opened;
  await shut(runner, exoscale({ ...keys, zone: opened.zone }), opened);
}

async function there(cloud: Exoscale, service: string): Promise<Database> {
  const found = await cloud.findDatabase(service);
  if (found) return found;
  throw new UserError(
    `There is no database service ${service} in ${cloud.zone} any more: run this again, it looks first`,
  );
}

/** What is wrong here is said and not thrown: what was done until now is more important. */
async function shut(runner: Runner, cloud: Exoscale, { service, network, before }: Opened): Promise<void> {
  try {
    const filter = (await cloud.findDatabase(service))?.filter;
    // Without ours, nothing was changed yet or somebody has set it since.
    if (filter?.includes(network)) {
      const since = filter.filter(each => each !== network && !before.includes(each));
      await cloud.filterDatabase(service, [...before, ...since]);
    }
    runner.save(saved, '');
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    runner.warning(
      `The filter of the database service ${service} could not be made again what it was (${error.message}), and lets in ${network}: the next "apply" does it`,
    );
  }
}

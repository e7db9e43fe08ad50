import { ownAddress } from '../../cloudflare/address.ts';
import { type Credentials, type Exoscale, exoscale } from '../../exoscale/exoscale.ts';
import { UserError } from '../../runner/errors.ts';
import type { Runner } from '../../runner/runner.ts';

const saved = 'database-access';

/**
 * Does work while this machine may reach a database service: its filter else lets in the nodes alone. The address is taken
 * out again at the end, by `shutLeft` when this process was killed.
 */
export async function withAccess<T>(
  runner: Runner,
  cloud: Exoscale,
  service: string,
  work: () => Promise<T>,
): Promise<T> {
  const { filter = [] } = (await cloud.findDatabase(service)) ?? {};
  const network = `${await ownAddress()}/32`;
  if (filter.includes(network) || filter.includes('0.0.0.0/0')) return work();
  runner.save(saved, JSON.stringify({ service, network, zone: cloud.zone }));
  try {
    await cloud.filterDatabase(service, [...filter, network]);
    return await work();
  } finally {
    await shut(runner, cloud, service, network);
  }
}

/** In `post`: takes the address out that a killed `main` has left in. */
export async function shutLeft(runner: Runner, keys: Omit<Credentials, 'zone'>): Promise<void> {
  const left = runner.saved(saved);
  if (!left) return;
  const { service, network, zone } = JSON.parse(left) as Record<string, string>;
  if (service && network && zone) await shut(runner, exoscale({ ...keys, zone }), service, network);
}

/** What is wrong here is said and not thrown: what was done until now is more important. */
async function shut(runner: Runner, cloud: Exoscale, service: string, network: string): Promise<void> {
  try {
    const found = await cloud.findDatabase(service);
    if (found?.filter.includes(network))
      await cloud.filterDatabase(
        service,
        found.filter.filter(each => each !== network),
      );
    runner.save(saved, '');
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    runner.warning(
      `${network} could not be taken out of the filter of the database service ${service} (${error.message}): the next "apply" does it`,
    );
  }
}

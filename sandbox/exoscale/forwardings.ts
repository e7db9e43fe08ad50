import type { Forwarding } from '../internet.ts';
import type { Account, LoadBalancer } from './account.ts';

/**
 * Where load balancers send what arrives: to the nodes of the clusters whose pools they name.
 * @param planeOf what stands behind a cluster of that id
 */
export function forwardings(
  account: Account,
  balancers: readonly LoadBalancer[],
  planeOf: (id: string) => { nodeAddress: string } | undefined,
): Forwarding[] {
  const clusters = Object.values(account.zones).flatMap(zone => zone.clusters);
  const nodes = (pool: string): string[] =>
    clusters
      .filter(({ nodepools }) => nodepools.some(each => each['instance-pool'].id === pool))
      .flatMap(({ id }) => planeOf(id)?.nodeAddress ?? []);
  return balancers.flatMap(({ ip, services }) =>
    services.map(({ port, protocol, 'target-port': targetPort, 'instance-pool': pool }) => ({
      ...{ address: ip, port, protocol },
      targets: nodes(pool.id).map(address => ({ address, port: targetPort })),
    })),
  );
}

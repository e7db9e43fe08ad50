import { cloudflare } from '../cloudflare/cloudflare.ts';
import { dnsZones, type PlatformFile } from '../platform/platform.ts';
import type { Runner } from '../runner/runner.ts';
import { type Converged, converge, throwProblems } from './converge.ts';
import { clusterHash } from './marker.ts';

export interface RemovalRequest {
  environment: string;
  dns: PlatformFile['dns'];
  cloudflareApiToken: string;
  /** The cluster whose records go; it need not exist any more. */
  clusterId: string;
  dryRun: boolean;
}

/** Deletes every record that carries the mark of this owner and this cluster, and no other. */
export async function removeOwned(runner: Runner, request: RemovalRequest): Promise<Converged> {
  const { environment, dns, dryRun } = request;
  const provider = cloudflare(request.cloudflareApiToken, line => runner.info(line));
  const zones = await Promise.all(dnsZones(dns).map(name => provider.zone(name)));
  const identity = { owner: dns.owner, cluster: clusterHash(request.clusterId) };
  const wishes = { claims: [], unreadable: [], notes: [] };
  const goal = { label: environment, identity, wishes, allowDeletes: true, dryRun };
  const converged = await converge(runner, provider, zones, goal);
  throwProblems(converged);
  return converged;
}

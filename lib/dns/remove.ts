import { cloudflare } from '../cloudflare/cloudflare.ts';
import type { PlatformFile } from '../platform/platform.ts';
import type { Runner } from '../runner/runner.ts';
import { type Converged, converge } from './converge.ts';
import { clusterHash } from './marker.ts';

export interface RemovalRequest {
  environment: string;
  dns: PlatformFile['dns'];
  cloudflareApiToken: string;
  zoneId?: string | undefined;
  /** The cluster whose records go; it need not exist any more. */
  clusterId: string;
  dryRun: boolean;
}

/** Deletes every record that carries the mark of this owner and this cluster, and no other. */
export async function removeOwned(runner: Runner, request: RemovalRequest): Promise<Converged> {
  const { environment, dns, dryRun } = request;
  const provider = cloudflare(request.cloudflareApiToken, line => runner.info(line));
  const zone = await provider.zone(dns.zone, request.zoneId);
  const identity = { owner: dns.owner, cluster: clusterHash(request.clusterId) };
  const wishes = { claims: [], unreadable: [], notes: [] };
  return converge(runner, provider, zone, { environment, identity, wishes, allowDeletes: true, dryRun });
}

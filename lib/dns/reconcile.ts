import { dirname } from 'node:path';
import { cloudflare } from '../cloudflare/cloudflare.ts';
import { type Exoscale, exoscale } from '../exoscale/exoscale.ts';
import { withKubeconfig } from '../exoscale/kubeconfig.ts';
import { kubectl } from '../kubectl/kubectl.ts';
import { target as targetOf } from '../platform/platform.ts';
import { UserError } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import type { Wishes } from './claims.ts';
import { type Converged, converge } from './converge.ts';
import type { Fallback } from './fallback.ts';
import { isWithin } from './host.ts';
import { type SourceInputs, sought } from './inputs.ts';
import { clusterHash } from './marker.ts';
import { observe, observeManifests } from './observe.ts';
import { plan } from './plan.ts';
import type { Row } from './render-status.ts';
import { showStatus } from './show-status.ts';
import { parseTargets } from './target.ts';

export interface DnsRequest extends SourceInputs {
  environment: string;
  platformFile: string;
  cloudflareApiToken: string;
  /** Spares the look-up by name. */
  zoneId?: string | undefined;
  /** Without one, asked of Exoscale. */
  clusterId?: string | undefined;
  /** Without one, a short-lived one is asked of Exoscale. */
  kubeconfig?: string | undefined;
  exoscaleApiKey?: string | undefined;
  exoscaleApiSecret?: string | undefined;
  allowDeletes: boolean;
  dryRun: boolean;
}

/** Makes the records of a zone follow the ingress hosts of an environment's cluster. */
export async function reconcile(
  runner: Runner,
  request: DnsRequest,
): Promise<Partial<Converged> & { status?: Row[] }> {
  const { environment, allowDeletes, dryRun } = request;
  const { sources, fallback, resolve } = sought(request, request);
  const { platform, resourceName, settings } = await targetOf(request.platformFile, environment);
  const { zone: zoneName, owner } = platform.dns;
  const cloud = exoscale({
    key: request.exoscaleApiKey ?? '',
    secret: request.exoscaleApiSecret ?? '',
    zone: settings.zone,
  });
  const provider = cloudflare(request.cloudflareApiToken, line => runner.info(line));

  const access = { given: request.kubeconfig, exoscale: cloud, clusterName: resourceName };
  const look = (where: Fallback): Promise<Wishes> => {
    const { manifests: folder } = request;
    if (folder === undefined)
      return withKubeconfig(runner, access, path => observe(kubectl(runner, path), sources, where));
    const whence = { folder, root: dirname(request.platformFile), repository: platform.repository };
    return observeManifests(runner, whence, sources, where);
  };
  const [zone, clusterId, wishes] = await Promise.all([
    provider.zone(zoneName, request.zoneId),
    request.clusterId ?? clusterIdOf(cloud, resourceName),
    Promise.resolve(fallback ?? balancerOf(cloud, resourceName)).then(look),
  ]);
  const identity = { owner, cluster: clusterHash(clusterId) };
  const own = within(zoneName, wishes);
  if (request.status) {
    const records = await provider.records(zone);
    const { decisions } = plan({ zone: zone.name, records, identity, wishes: own, allowDeletes: true });
    return { status: await showStatus(runner, environment, { decisions, wishes }, resolve) };
  }
  return converge(runner, provider, zone, { environment, identity, wishes: own, allowDeletes, dryRun });
}

/** What is wished of one zone; the rest is noted. */
function within(zone: string, { claims, unreadable, notes }: Wishes): Wishes {
  const elsewhere = claims.filter(({ name }) => !isWithin(name, zone));
  const left = elsewhere.map(
    ({ name, source }) => `${source}: ${name} is not in the zone ${zone} and is left to others`,
  );
  return {
    claims: claims.filter(({ name }) => isWithin(name, zone)),
    unreadable,
    notes: [...notes, ...left],
  };
}

async function balancerOf(cloud: Exoscale, name: string): Promise<Fallback> {
  const balancer = await cloud.findLoadBalancer(name);
  if (!balancer)
    throw new UserError(
      `There is no load balancer ${name} in ${cloud.zone} to lead names to: "apply" creates it, or give the input "target"`,
    );
  return { targets: parseTargets(balancer.ip) };
}

async function clusterIdOf(cloud: Exoscale, name: string): Promise<string> {
  const cluster = await cloud.findCluster(name);
  if (!cluster)
    throw new UserError(
      `There is no SKS cluster ${name} in ${cloud.zone}, whose id the records carry: "apply" creates it, or give the input "cluster-id"`,
    );
  return cluster.id;
}

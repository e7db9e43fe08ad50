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
import { parseFallback } from './fallback.ts';
import { isWithin } from './host.ts';
import { clusterHash } from './marker.ts';
import { type BalancerName, observe, observeManifests } from './observe.ts';
import { plan } from './plan.ts';
import type { Row } from './render-status.ts';
import { showStatus } from './show-status.ts';
import { parseSources } from './sources.ts';
import { parseTargets, type Whereto } from './target.ts';

export interface DnsRequest {
  environment: string;
  platformFile: string;
  cloudflareApiToken: string;
  /** Spares the look-up by name. */
  zoneId?: string | undefined;
  /** The kinds of objects that name hosts, as `parseSources` takes them. */
  sources: string;
  /** A folder whose manifests are read in place of the cluster. Nothing is written then. */
  manifests?: string | undefined;
  /** Shows how each host stands in place of changing anything. */
  status: boolean;
  /** For the status: a DNS server that is asked too. */
  resolver?: string | undefined;
  /** As `parseFallback` takes it. Without one, the address of the environment's load balancer, asked of Exoscale. */
  target?: string | undefined;
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
  const sources = parseSources(request.sources);
  if (request.manifests !== undefined && !dryRun && !request.status)
    throw new UserError(
      'Manifests say what is to be, not what runs, so no record is written from them: add dry-run or status',
    );
  const { platform, resourceName, settings } = await targetOf(request.platformFile, environment);
  const { zone: zoneName, owner } = platform.dns;
  const cloud = exoscale({
    key: request.exoscaleApiKey ?? '',
    secret: request.exoscaleApiSecret ?? '',
    zone: settings.zone,
  });
  const provider = cloudflare(request.cloudflareApiToken, line => runner.info(line));

  const access = { given: request.kubeconfig, exoscale: cloud, clusterName: resourceName };
  const look = (fallback: Whereto | BalancerName): Promise<Wishes> => {
    const { manifests: folder } = request;
    if (folder === undefined)
      return withKubeconfig(runner, access, path => observe(kubectl(runner, path), sources, fallback));
    const whence = { folder, root: dirname(request.platformFile), repository: platform.repository };
    return observeManifests(runner, whence, sources, fallback);
  };
  const [zone, clusterId, wishes] = await Promise.all([
    provider.zone(zoneName, request.zoneId),
    request.clusterId ?? clusterIdOf(cloud, resourceName),
    fallbackOf(cloud, resourceName, request.target).then(look),
  ]);
  const identity = { owner, cluster: clusterHash(clusterId) };
  const own = within(zoneName, wishes);
  if (request.status) {
    const records = await provider.records(zone);
    const { decisions } = plan({ zone: zone.name, records, identity, wishes: own, allowDeletes: true });
    return { status: await showStatus(runner, environment, { decisions, wishes }, request.resolver) };
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

async function fallbackOf(
  cloud: Exoscale,
  name: string,
  given: string | undefined,
): Promise<Whereto | BalancerName> {
  if (given !== undefined) return parseFallback(given);
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

import { dirname } from 'node:path';
import { cloudflare } from '../cloudflare/cloudflare.ts';
import { type Exoscale, exoscale } from '../exoscale/exoscale.ts';
import { withKubeconfig } from '../exoscale/kubeconfig.ts';
import { type Kubectl, kubectl } from '../kubectl/kubectl.ts';
import { type PlatformFile, target as targetOf } from '../platform/platform.ts';
import { UserError } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import type { Wishes } from './claims.ts';
import { commentPlan } from './comment.ts';
import { converge, throwProblems } from './converge.ts';
import { type Fallback, nowhere } from './fallback.ts';
import { clusterHash } from './marker.ts';
import { observe, observeManifests } from './observe.ts';
import { type SettingInputs, type Settings, settle } from './settings.ts';
import { showStatus } from './show-status.ts';
import { kindsOf } from './sources.ts';
import { listed, survey } from './survey.ts';
import { parseTargets } from './target.ts';

export interface DnsRequest extends SettingInputs {
  /** Without one, platform.yaml is not read: the other inputs say everything. */
  environment?: string | undefined;
  platformFile: string;
  cloudflareApiToken: string;
  /** Without one, asked of Exoscale; without an environment, the UID of the namespace kube-system. */
  clusterId?: string | undefined;
  /** Without one, a short-lived one is asked of Exoscale. */
  kubeconfig?: string | undefined;
  exoscaleApiKey?: string | undefined;
  exoscaleApiSecret?: string | undefined;
  /** Lets a dry run on a pull request show its plan there. */
  githubToken?: string | undefined;
  allowDeletes: boolean;
}

/**
 * Makes the records of zones follow the hosts of a cluster, or shows how they stand. Outputs are there also when it fails in
 * the end.
 * @throws UserErrors for conflicts and for records that Cloudflare refuses, after all else has been done
 */
export async function reconcile(runner: Runner, request: DnsRequest): Promise<void> {
  const { environment, allowDeletes, dryRun } = request;
  const place = await placeOf(request);
  const settings = settle(request, place?.platform.dns);
  const { owner, defaults, succession, resolve } = settings;
  const label = environment ?? owner;
  const provider = cloudflare(request.cloudflareApiToken, line => runner.info(line));

  const zones = await listed(
    provider,
    await Promise.all(settings.zones.map(({ name, id }) => provider.zone(name, id))),
  );
  const { clusterId, wishes } = await insideOf(runner, request, place, settings);
  const identity = { owner, cluster: clusterHash(clusterId) };
  const kinds = kindsOf(settings.sources);
  const goal = { identity, wishes, kinds, defaults, succession, allowDeletes };
  if (request.status) {
    const { plans } = await survey(provider, zones, goal);
    const decisions = plans.flatMap(plan => plan.decisions);
    const hosts = await showStatus(runner, label, { decisions, wishes }, resolve);
    runner.output('status', JSON.stringify(hosts));
    return;
  }
  const converged = await converge(runner, provider, zones, { ...goal, label, dryRun });
  runner.output('changed', String(converged.changed));
  runner.output('plan', JSON.stringify(converged.plan));
  if (dryRun)
    await commentPlan(runner, { githubToken: request.githubToken, label, markdown: converged.markdown });
  throwProblems(converged);
}

/** An environment of platform.yaml and the account that it is in. */
interface Place {
  platform: PlatformFile;
  resourceName: string;
  cloud: Exoscale;
}

async function placeOf(request: DnsRequest): Promise<Place | undefined> {
  if (request.environment === undefined) {
    if (request.kubeconfig !== undefined) return undefined;
    if (request.manifests !== undefined && request.clusterId !== undefined) return undefined;
    throw new UserError(
      request.manifests === undefined
        ? 'Inputs "environment" and "kubeconfig" are missing: name an environment of platform.yaml, or give a kubeconfig with "owner" and "zones"'
        : 'Inputs "environment" and "cluster-id" are missing: name an environment of platform.yaml, or give the id of the cluster that the manifests are for, with "owner" and "zones"',
    );
  }
  const { platform, resourceName, settings } = await targetOf(request.platformFile, request.environment);
  const cloud = exoscale({
    key: request.exoscaleApiKey ?? '',
    secret: request.exoscaleApiSecret ?? '',
    zone: settings.zone,
  });
  return { platform, resourceName, cloud };
}

/** Which cluster it is, and what is wished there. */
async function insideOf(
  runner: Runner,
  request: DnsRequest,
  place: Place | undefined,
  { sources, fallback }: Settings,
): Promise<{ clusterId: string; wishes: Wishes }> {
  const { manifests: folder, kubeconfig } = request;
  const instead = fallback ?? (place ? await balancerOf(place) : nowhere);
  const look = async (path: string) => {
    const cluster = kubectl(runner, path);
    const [clusterId, wishes] = await Promise.all([
      request.clusterId ?? (place ? clusterIdOf(place) : namespaceUid(cluster)),
      folder === undefined
        ? observe(cluster, sources, instead)
        : observeManifests(runner, whence(folder), sources, instead),
    ]);
    return { clusterId, wishes };
  };
  const whence = (folder: string) => ({
    folder,
    root: dirname(request.platformFile),
    repository: place?.platform.repository ?? `https://github.com/${runner.context.repository}`,
  });
  if (!place || folder !== undefined) return look(kubeconfig ?? '');
  const access = { given: kubeconfig, exoscale: place.cloud, clusterName: place.resourceName };
  return withKubeconfig(runner, access, look);
}

async function balancerOf({ cloud, resourceName }: Place): Promise<Fallback> {
  const balancer = await cloud.findLoadBalancer(resourceName);
  if (balancer) return { targets: parseTargets(balancer.ip) };
  throw new UserError(
    `There is no load balancer ${resourceName} in ${cloud.zone} to lead names to: "apply" creates it, or give the input "target"`,
  );
}

async function clusterIdOf({ cloud, resourceName }: Place): Promise<string> {
  const cluster = await cloud.findCluster(resourceName);
  if (cluster) return cluster.id;
  throw new UserError(
    `There is no SKS cluster ${resourceName} in ${cloud.zone}, whose id the records carry: "apply" creates it, or give the input "cluster-id"`,
  );
}

/** What tells clusters apart that nobody has named: it lives exactly as long as its cluster. */
async function namespaceUid(cluster: Kubectl): Promise<string> {
  const namespace = await cluster.get('namespaces', 'kube-system');
  if (namespace?.metadata.uid) return namespace.metadata.uid;
  throw new UserError(
    'The cluster has no namespace kube-system, whose UID the records would carry: give the input "cluster-id"',
  );
}

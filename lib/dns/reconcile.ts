import { cloudflare } from '../cloudflare/cloudflare.ts';
import { type Exoscale, exoscale } from '../exoscale/exoscale.ts';
import { withKubeconfig } from '../exoscale/kubeconfig.ts';
import { type Kubectl, kubectl } from '../kubectl/kubectl.ts';
import { target as targetOf } from '../platform/platform.ts';
import { UserError } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import { commentPlan } from './comment.ts';
import { converge, throwProblems } from './converge.ts';
import { clusterHash } from './marker.ts';
import { observe } from './observe.ts';
import { type SettingInputs, settle } from './settings.ts';
import { parseTargets, type Target } from './target.ts';

export interface DnsRequest extends SettingInputs {
  /** Without one, platform.yaml is not read: the other inputs say everything. */
  environment?: string | undefined;
  platformFile: string;
  cloudflareApiToken: string;
  /** Without one, the address of the environment's load balancer, asked of Exoscale. */
  target?: string | undefined;
  /** Without one, asked of Exoscale; without an environment, the UID of the namespace kube-system. */
  clusterId?: string | undefined;
  /** Without one, a short-lived one is asked of Exoscale. */
  kubeconfig?: string | undefined;
  exoscaleApiKey?: string | undefined;
  exoscaleApiSecret?: string | undefined;
  /** Lets a dry run on a pull request show its plan there. */
  githubToken?: string | undefined;
  allowDeletes: boolean;
  dryRun: boolean;
}

/**
 * Makes the records of zones follow the ingress hosts of a cluster. Outputs are there also when it fails in the end.
 * @throws UserErrors for conflicts and for records that Cloudflare refuses, after all else has been done
 */
export async function reconcile(runner: Runner, request: DnsRequest): Promise<void> {
  const { environment, allowDeletes, dryRun } = request;
  const place = await placeOf(request);
  const { owner, zones: named, defaults, succession } = settle(request, place?.dns);
  const provider = cloudflare(request.cloudflareApiToken, line => runner.info(line));

  const [zones, { clusterId, wishes }] = await Promise.all([
    Promise.all(named.map(({ name, id }) => provider.zone(name, id))),
    insideOf(runner, request, place),
  ]);
  const converged = await converge(runner, provider, zones, {
    ...{ label: environment ?? owner, identity: { owner, cluster: clusterHash(clusterId) } },
    ...{ wishes, defaults, succession, allowDeletes, dryRun },
  });
  runner.output('changed', String(converged.changed));
  runner.output('plan', JSON.stringify(converged.plan));
  if (dryRun) await commentPlan(runner, { ...request, section: environment ?? owner, ...converged });
  throwProblems(converged);
}

/** An environment of platform.yaml and the account that it is in. */
interface Place {
  dns: Parameters<typeof settle>[1];
  resourceName: string;
  cloud: Exoscale;
}

async function placeOf(request: DnsRequest): Promise<Place | undefined> {
  if (request.environment === undefined) {
    if (request.kubeconfig !== undefined) return undefined;
    throw new UserError(
      'Inputs "environment" and "kubeconfig" are missing: name an environment of platform.yaml, or give a kubeconfig with "owner" and "zones"',
    );
  }
  const { platform, resourceName, settings } = await targetOf(request.platformFile, request.environment);
  const cloud = exoscale({
    key: request.exoscaleApiKey ?? '',
    secret: request.exoscaleApiSecret ?? '',
    zone: settings.zone,
  });
  return { dns: platform.dns, resourceName, cloud };
}

/** Which cluster it is, and what is wished there. */
async function insideOf(runner: Runner, request: DnsRequest, place: Place | undefined) {
  const look = async (path: string, targets: readonly Target[]) => {
    const cluster = kubectl(runner, path);
    const [clusterId, wishes] = await Promise.all([
      request.clusterId ?? (place ? clusterIdOf(place) : namespaceUid(cluster)),
      observe(cluster, targets),
    ]);
    return { clusterId, wishes };
  };
  const { target, kubeconfig } = request;
  const given = target === undefined ? undefined : parseTargets(target);
  if (!place) return look(kubeconfig ?? '', given ?? []);
  const targets = given ?? (await balancerOf(place));
  const access = { given: kubeconfig, exoscale: place.cloud, clusterName: place.resourceName };
  return withKubeconfig(runner, access, path => look(path, targets));
}

async function balancerOf({ cloud, resourceName }: Place): Promise<Target[]> {
  const balancer = await cloud.findLoadBalancer(resourceName);
  if (balancer) return parseTargets(balancer.ip);
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

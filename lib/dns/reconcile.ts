import { dirname } from 'node:path';
import { cloudflare } from '../cloudflare/cloudflare.ts';
import { withKubeconfig } from '../exoscale/kubeconfig.ts';
import { assertSecrets, type DriftIssue, driftIssue, looking } from '../github/drift.ts';
import { type Kubectl, kubectl } from '../kubectl/kubectl.ts';
import { repositorySlug } from '../platform/platform.ts';
import { UserError } from '../runner/errors.ts';
import { gathering, whole } from '../runner/gather.ts';
import type { Runner } from '../runner/runner.ts';
import type { Wishes } from './claims.ts';
import { commentPlan } from './comment.ts';
import { converge, throwProblems } from './converge.ts';
import { driftOf } from './drift.ts';
import { nowhere } from './fallback.ts';
import { clusterHash } from './marker.ts';
import { observe, observeManifests } from './observe.ts';
import { bounded } from './outputs.ts';
import { assertPlace, balancerOf, clusterIdOf, type Place, type PlaceRequest, placeOf } from './place.ts';
import { type SettingInputs, type Settings, settle } from './settings.ts';
import { showStatus } from './show-status.ts';
import { kindsOf } from './sources.ts';
import { seen, survey } from './survey.ts';

/**
 * Without an environment platform.yaml is not read, and the other inputs say everything. Without a kubeconfig a short-lived one
 * is asked of Exoscale; without a cluster id that of the environment's cluster, or else the namespace kube-system's UID counts.
 */
export interface DnsRequest extends SettingInputs, PlaceRequest {
  cloudflareApiToken?: string | undefined;
  /** Lets a dry run on a pull request show its plan there, and a look for drift write its issue. */
  githubToken?: string | undefined;
  allowDeletes: boolean;
}

/**
 * Makes the records of zones follow the hosts of a cluster, or shows how they stand. Outputs are there also when it fails in
 * the end.
 * @throws UserErrors for conflicts and for records that Cloudflare refuses, after all else has been done
 */
export async function reconcile(runner: Runner, request: DnsRequest): Promise<void> {
  const { environment, drift } = request;
  if (drift && environment === undefined)
    throw new UserError('Input "environment" is missing: drift is told in one issue an environment');
  const issue =
    drift && environment !== undefined
      ? await driftIssue(runner, { ...request, environment, part: 'DNS' })
      : undefined;
  await looking(runner, issue, () => follow(runner, request, issue));
}

async function follow(runner: Runner, request: DnsRequest, issue: DriftIssue | undefined): Promise<void> {
  const { environment, allowDeletes } = request;
  const dryRun = request.dryRun || request.drift;
  const { place, settings, token } = await understood({ ...request, dryRun });
  const { owner, defaults, succession, resolve } = settings;
  const label = environment ?? owner;
  const provider = cloudflare(token, line => runner.info(line));

  const zones = await seen(
    provider,
    await Promise.all(settings.zones.map(({ name, id }) => provider.zone(name, id))),
  );
  const { clusterId, wishes } = await insideOf(runner, request, place, settings);
  const identity = { owner, cluster: clusterHash(clusterId) };
  const kinds = kindsOf(settings.sources);
  const goal = { identity, wishes, kinds, defaults, succession, allowDeletes };
  if (request.status) {
    const { plans } = await survey(provider, zones, goal);
    const hosts = await showStatus(runner, label, { plans, wishes }, resolve);
    const room = bounded();
    runner.output('status', JSON.stringify(room.of(hosts)));
    if (room.leftOut() > 0)
      runner.warning(
        `The output "status" leaves out ${room.leftOut()} of ${hosts.length} hosts, for which GitHub has no room: they are in the log`,
      );
    return;
  }
  const converged = await converge(runner, provider, zones, { ...goal, label, dryRun });
  runner.output('changed', String(converged.changed));
  runner.output('plan', JSON.stringify(converged.plan));
  if (issue) {
    const drifted = driftOf(label, converged.plans);
    return issue.tell(drifted, place && repositorySlug(place.platform.repository));
  }
  if (dryRun)
    await commentPlan(runner, { githubToken: request.githubToken, label, markdown: converged.markdown });
  throwProblems(converged);
}

/** @throws UserErrors with all that is wrong with the inputs and platform.yaml */
async function understood(
  request: DnsRequest,
): Promise<{ place: Place | undefined; settings: Settings; token: string }> {
  const { environment = '', cloudflareApiToken: token = '', drift, dryRun, status } = request;
  if (drift) assertSecrets(environment, missingSecrets(request));
  const { add, attempt, errors, tell } = gathering();
  if (token === '')
    add(
      new UserError(
        `Input "cloudflare-api-token" is missing: give a Cloudflare API token that may ${dryRun || status ? 'read' : 'edit'} the DNS of the zones`,
      ),
    );
  const known = errors.length;
  const place = await placeOf(request).catch(add);
  const dns = errors.length > known ? 'unknown' : place?.platform.dns;
  attempt(() => assertPlace(request));
  const settings = attempt(() => settle(request, dns));
  tell();
  return { place: place ?? undefined, settings: settings as Settings, token };
}

const missingSecrets = ({ cloudflareApiToken, kubeconfig, ...request }: DnsRequest): string[] =>
  [
    !request.exoscaleApiKey && kubeconfig === undefined && 'EXOSCALE_API_KEY',
    !request.exoscaleApiSecret && kubeconfig === undefined && 'EXOSCALE_API_SECRET',
    !cloudflareApiToken && 'CLOUDFLARE_API_TOKEN',
  ].filter(each => each !== false);

/** Which cluster it is, and what is wished there. */
async function insideOf(
  runner: Runner,
  request: DnsRequest,
  place: Place | undefined,
  { sources, fallback }: Settings,
): Promise<{ clusterId: string; wishes: Wishes }> {
  const { manifests: folder, kubeconfig } = request;
  const { repository: slug } = runner.context;
  const whence = folder !== undefined && {
    ...{ folder, root: dirname(request.platformFile) },
    repository: place?.platform.repository ?? (slug && `https://github.com/${slug}`),
  };
  const preview = whence !== false;
  const instead = fallback ?? (place ? await balancerOf(place, preview) : nowhere);
  if (instead === nowhere)
    runner.warning(
      'Without the input "target" no host gets a record whose object has no address of its own: give it, or "none" if that is meant',
    );
  const look = async (path: string) => {
    const cluster = kubectl(runner, path);
    const [clusterId, wishes] = await whole([
      request.clusterId ?? (place ? clusterIdOf(place, preview) : namespaceUid(cluster)),
      whence ? observeManifests(runner, whence, sources, instead) : observe(cluster, sources, instead),
    ]);
    return { clusterId, wishes };
  };
  if (!place || preview) return look(kubeconfig ?? '');
  const access = { given: kubeconfig, exoscale: place.cloud, clusterName: place.resourceName };
  return withKubeconfig(runner, access, look);
}

/** What tells clusters apart that nobody has named: it lives exactly as long as its cluster. */
async function namespaceUid(cluster: Kubectl): Promise<string> {
  const namespace = await cluster.get('namespaces', 'kube-system');
  if (namespace?.metadata.uid) return namespace.metadata.uid;
  throw new UserError(
    'The cluster has no namespace kube-system, whose UID the records would carry: give the input "cluster-id"',
  );
}

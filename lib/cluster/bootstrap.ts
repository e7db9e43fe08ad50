import { type Exoscale, exoscale } from '../exoscale/exoscale.ts';
import { withKubeconfig } from '../exoscale/kubeconfig.ts';
import { assertSecrets, type DriftIssue, driftIssue, looking } from '../github/drift.ts';
import { type Kubectl, kubectl } from '../kubectl/kubectl.ts';
import { repositorySlug, serviceHost, type Target, target as targetOf } from '../platform/platform.ts';
import { UserError } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import { revision } from './application.ts';
import { apply } from './apply.ts';
import type { Outside } from './database.ts';
import { checkVersions } from './downgrade.ts';
import { type Inputs, inputs } from './inputs.ts';
import { type Deadline, within } from './ladder.ts';
import { read, type Wish } from './manifests.ts';
import { observe } from './observe.ts';
import { fromOutside } from './outside.ts';
import { type Change, plan } from './plan.ts';
import { count, done, driftOf, render } from './render.ts';
import { checkRoot } from './root.ts';
import { namespaces } from './secrets.ts';
import { missing, seeds } from './seeds.ts';
import { type Settled, settle } from './settle.ts';

export interface BootstrapRequest {
  environment: string;
  platformFile: string;
  /** The folder of the manifests in the checkout. */
  manifests: string;
  /** Without one, a short-lived one is asked of Exoscale. */
  kubeconfig?: string | undefined;
  /** Without key and secret the database's credentials are not brought. */
  exoscaleApiKey?: string | undefined;
  exoscaleApiSecret?: string | undefined;
  repositoryToken?: string | undefined;
  registryToken?: string | undefined;
  cloudflareApiToken?: string | undefined;
  /** How far to wait: `applications`, `certificates` or `http`. */
  until: string;
  /** Where the ingress is; without it the environment's load balancer. */
  target?: string | undefined;
  timeoutMinutes: string;
  dryRun: boolean;
  /** Tells in an issue what a dry run would show, and changes nothing else. */
  drift: boolean;
  githubToken?: string | undefined;
}

/** How long one question to the ingress may take, in milliseconds. */
const patience = 10_000;

/**
 * Brings a cluster to the point from which Argo CD alone carries on, and waits until all that it brings is deployed.
 * @returns the commit of the platform repository that is deployed; none after a dry run, or a look for drift
 * @throws UserErrors that name what is not ready in time, and why
 */
export async function bootstrap(runner: Runner, request: BootstrapRequest): Promise<{ revision?: string }> {
  const issue = request.drift ? await driftIssue(runner, { ...request, part: 'Cluster' }) : undefined;
  return (await looking(runner, issue, () => bring(runner, request, issue))) ?? {};
}

async function bring(
  runner: Runner,
  request: BootstrapRequest,
  issue: DriftIssue | undefined,
): Promise<{ revision?: string }> {
  const { environment, platformFile, kubeconfig: given, exoscaleApiKey: key = '' } = request;
  const dryRun = request.dryRun || request.drift;
  const wanted = inputs(request);
  if (request.drift) assertSecrets(environment, missingKeys(request));
  const target = await targetOf(platformFile, environment);
  const deadline = within(wanted.minutes, 'timeout-minutes');
  const api = exoscale({ key, secret: request.exoscaleApiSecret ?? '', zone: target.settings.zone });
  const known = given === undefined || key !== '' ? api : undefined;
  const address = dryRun ? undefined : await ingressAddress(known, target, wanted);
  const reach = {
    environment,
    until: wanted.until,
    hosts: Object.values(target.platform.services).map(each => serviceHost(each, target.settings)),
    ingress: address === undefined ? undefined : { address, httpsPort: 443, httpPort: 80, patience },
  };

  const access = { given, exoscale: api, clusterName: target.resourceName };
  return withKubeconfig(runner, access, async (path, renew) => {
    const cluster = kubectl(runner, path, renew);
    const wish = await read(cluster, request.manifests, environment);
    await checkRoot(cluster, wish.root);
    await checkVersions(runner, cluster, wish, dryRun ? undefined : deadline);
    const argocd = wish.root.metadata.namespace ?? 'argocd';
    const outside = await fromOutside(runner, target, argocd, { ...request, dryRun, exoscale: known });
    const changes = await seed(runner, cluster, wish, outside, target.platform.name, deadline, dryRun);
    if (dryRun) {
      runner.info(`${environment}: ${changes.length > 0 ? count(changes) : 'nothing to change'}`);
      const drift = driftOf(environment, changes, outside.unmade);
      await issue?.tell(drift, repositorySlug(target.platform.repository));
      return {};
    }
    const settled = await settle(runner, cluster, wish, reach, deadline);
    return tell(runner, target, wish, changes, settled, wanted);
  });
}

/** Whoever gives a kubeconfig may leave both out: then the database's Secret is not looked at. */
const missingKeys = ({ kubeconfig, exoscaleApiKey: key, exoscaleApiSecret: secret }: BootstrapRequest) =>
  kubeconfig !== undefined && !key && !secret
    ? []
    : [!key && 'EXOSCALE_API_KEY', !secret && 'EXOSCALE_API_SECRET'].filter(each => each !== false);

/** observe → plan → render → apply */
async function seed(
  runner: Runner,
  cluster: Kubectl,
  { manifests, root }: Wish,
  { manifests: outside }: Outside,
  services: string,
  deadline: Deadline,
  dryRun: boolean,
): Promise<Change[]> {
  const wanted = seeds(root.metadata.namespace ?? 'argocd', services);
  const needing = [...outside.map(({ object }) => object), ...wanted.map(metadata => namespaced(metadata))];
  const all = [...manifests, ...namespaces(needing, manifests), ...outside];
  const [observed, sown] = await Promise.all([observe(cluster, all), missing(cluster, wanted)]);
  const changes = plan(observed, sown);
  if (changes.length === 0) return changes;
  await runner.group(`Changes: ${count(changes)}`, async () => {
    for (const each of render(changes)) runner.info(each);
  });
  if (!dryRun) await runner.group('Apply', () => apply(runner, cluster, all, wanted, deadline));
  return changes;
}

const namespaced = ({ name, namespace }: { name: string; namespace: string }) => ({
  ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace } },
});

/** @throws UserError when it is needed and not known: before anything is changed */
async function ingressAddress(
  api: Exoscale | undefined,
  { resourceName }: Target,
  { until, target }: Inputs,
): Promise<string | undefined> {
  if (until !== 'http' || target !== undefined) return target;
  const found = await api?.findLoadBalancer(resourceName);
  if (found) return found.ip;
  throw new UserError(
    `Input "target" is missing: ${api ? `there is no load balancer ${resourceName} in ${api.zone}` : 'without an Exoscale key the load balancer is not found'}, so say where the ingress is`,
  );
}

function tell(
  runner: Runner,
  { environment, platform }: Target,
  { root }: Wish,
  changes: readonly Change[],
  { applications, answers }: Settled,
  { until }: Inputs,
): { revision?: string } {
  if (until !== 'http')
    runner.info(
      `Not checked: ${until === 'applications' ? 'certificates, and ' : ''}whether the hosts answer`,
    );
  const at = revision(applications[0] ?? root);
  const { sha, repository } = runner.context;
  if (at && sha && at !== sha && repository === repositorySlug(platform.repository))
    runner.notice(
      `Deployed is ${at}, and checked out here ${sha}: the branch has moved on, or that commit is not on it`,
    );
  const outcome = changes.length > 0 ? done(changes) : 'nothing changed';
  const right = answers ? `, ${answers.verdicts.length} answers are right` : '';
  runner.info(
    `${environment}: ${outcome}; ${applications.length} Applications are Synced and Healthy${right}`,
  );
  return at === undefined ? {} : { revision: at };
}

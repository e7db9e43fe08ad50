import { type Exoscale, exoscale } from '../exoscale/exoscale.ts';
import { withKubeconfig } from '../exoscale/kubeconfig.ts';
import { type Kubectl, kubectl, type Manifest } from '../kubectl/kubectl.ts';
import { type Target, target as targetOf } from '../platform/platform.ts';
import type { Runner } from '../runner/runner.ts';
import { type Application, revision } from './application.ts';
import { apply } from './apply.ts';
import { databaseManifests } from './database.ts';
import { type Deadline, within } from './ladder.ts';
import { read } from './manifests.ts';
import { observe } from './observe.ts';
import { type Change, plan } from './plan.ts';
import { count, done, render, table } from './render.ts';
import { missingSeeds } from './seeds.ts';
import { settle } from './settle.ts';
import { minutes, oneOf } from './values.ts';

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
  /** How far to wait: `applications`. */
  until: string;
  timeoutMinutes: string;
  dryRun: boolean;
}

/**
 * Brings a cluster to the point from which Argo CD alone carries on, and waits until all that it brings is deployed.
 * @returns the commit of the platform repository that is deployed; none after a dry run
 * @throws UserErrors that name what is not ready in time, and why
 */
export async function bootstrap(runner: Runner, request: BootstrapRequest): Promise<{ revision?: string }> {
  const { environment, platformFile, dryRun } = request;
  const target = await targetOf(platformFile, environment);
  oneOf('until', request.until, ['applications']);
  const deadline = within(minutes('timeout-minutes', request.timeoutMinutes), 'timeout-minutes');
  const api = exoscale({
    key: request.exoscaleApiKey ?? '',
    secret: request.exoscaleApiSecret ?? '',
    zone: target.settings.zone,
  });
  const access = {
    given: request.kubeconfig,
    exoscale: api,
    clusterName: target.resourceName,
    ttlSeconds: (deadline.minutes + 5) * 60,
  };

  return withKubeconfig(runner, access, async kubeconfig => {
    const cluster = kubectl(runner, kubeconfig);
    const [{ manifests, root }, outside] = await Promise.all([
      read(cluster, request.manifests, environment),
      fromOutside(runner, api, target, request),
    ]);
    const all = [...manifests, ...outside];
    const changes = await seed(runner, cluster, all, root, deadline, dryRun);
    if (dryRun) {
      runner.info(`${environment}: ${changes.length > 0 ? count(changes) : 'nothing to change'}`);
      return {};
    }
    const applications = await settle(runner, cluster, manifests, root, deadline);
    runner.info('Not checked: certificates, and whether the hosts answer');
    const outcome = changes.length > 0 ? done(changes) : 'nothing changed';
    runner.info(`${environment}: ${outcome}; ${applications.length} Applications are Synced and Healthy`);
    await runner.summary(table(environment, applications));
    const at = revision(applications[0] ?? root);
    return at === undefined ? {} : { revision: at };
  });
}

/** observe → plan → render → apply */
async function seed(
  runner: Runner,
  cluster: Kubectl,
  manifests: readonly Manifest[],
  root: Application,
  deadline: Deadline,
  dryRun: boolean,
): Promise<Change[]> {
  const [observed, seeds] = await Promise.all([
    observe(cluster, manifests),
    missingSeeds(cluster, root.metadata.namespace ?? 'argocd'),
  ]);
  const changes = plan(observed, seeds);
  if (changes.length === 0) return changes;
  await runner.group(`Changes: ${count(changes)}`, async () => {
    for (const each of render(changes)) runner.info(each);
  });
  if (!dryRun) await runner.group('Apply', () => apply(runner, cluster, manifests, seeds, deadline));
  return changes;
}

async function fromOutside(
  runner: Runner,
  api: Exoscale,
  target: Target,
  { kubeconfig, exoscaleApiKey, dryRun }: BootstrapRequest,
): Promise<Manifest[]> {
  if (kubeconfig && !exoscaleApiKey) {
    runner.info("Not brought without an Exoscale key: the database's credentials");
    return [];
  }
  return databaseManifests(runner, api, target, dryRun);
}

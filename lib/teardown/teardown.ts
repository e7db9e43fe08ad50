import { within } from '../cluster/ladder.ts';
import { removeOwned } from '../dns/remove.ts';
import { type Exoscale, exoscale, type Leftover } from '../exoscale/exoscale.ts';
import { withKubeconfig } from '../exoscale/kubeconfig.ts';
import { KubernetesError, kubectl } from '../kubectl/kubectl.ts';
import { UserError } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import type { Writer } from '../terraform/client.ts';
import { type Prepared, prepare } from '../terraform/prepare.ts';
import { clear } from '../terraform/unfinished.ts';
import { assertConfirmed, questions, type TeardownRequest } from './confirm.ts';
import { contents, volumeIds } from './contents.ts';
import { keeper, keptAtLast } from './data/keep.ts';
import { destroy } from './destroy.ts';
import { empty } from './empty.ts';
import { observe, type World } from './observe.ts';
import { list, outcome, summarise, table } from './render.ts';
import { advice, sweepUp } from './sweep.ts';

export interface Outcome {
  /** What is still there under the environment's name, billable or not. */
  leftovers: Leftover[];
  /** Where the last dumps are, as `sos://bucket/key`. */
  dumps: string[];
}

/** Longer than Argo CD needs to delete a shop, and the volumes behind it. */
const patience = 10;

/**
 * Takes an environment down: what Argo CD deploys, load balancers and volumes of the cluster, our DNS records, then what
 * Terraform has made. Each step asks what is there and leaves alone what is not, so a run that was killed is gone on with
 * by the next, and one too many finds nothing to do.
 */
export async function teardown(runner: Runner, request: TeardownRequest): Promise<Outcome> {
  const prepared = await prepare(runner, request, target => assertConfirmed(request, target));
  const token = request.cloudflareApiToken ?? '';
  const { terraform } = prepared;
  await runner.group('Prepare Terraform', () => terraform.init());
  if (!request.dryRun)
    return terraform.locked('destroy', writer => takeDown(runner, request, prepared, token, writer), request);
  const outcome = await takeDown(runner, request, prepared, token);
  runner.info(`${request.environment}: this would go; nothing was changed`);
  return outcome;
}

/** @param writer of those who do it; without one it is only said what would be done */
async function takeDown(
  runner: Runner,
  { environment, confirmData, sweep }: TeardownRequest,
  prepared: Prepared,
  cloudflareApiToken: string,
  writer?: Writer,
): Promise<Outcome> {
  const { bucket, target, credentials, state, terraform } = prepared;
  const dryRun = writer === undefined;
  const cloud = exoscale({ ...credentials, zone: target.settings.zone });
  const world = await runner.group('Look around', () => observe(cloud, terraform, target));
  runner.info(table('There is now', world.things));
  const data = keeper(runner, cloud, target, credentials);
  await data.kept(); // a bucket that cannot be read is told while there is still something to take down
  // To look inside, a database must let this machine in: that is a change.
  if (!dryRun) await runner.group('Data', () => data.look(world.databases, confirmData));
  else for (const line of [...questions(target), ...data.promise(world.databases)]) runner.info(line);

  const volumes = await runner.group('Cluster', () => emptyCluster(runner, cloud, prepared, world, dryRun));
  await runner.group('DNS', () => removeRecords(runner, prepared, world, cloudflareApiToken, dryRun));
  await runner.group('Terraform', () => destroy(runner, cloud, prepared, world, data, writer));
  if (dryRun) return { leftovers: world.things, dumps: [] };

  const ids = [...world.things.map(({ id }) => id), ...volumes];
  const leftovers = () => cloud.leftovers({ ...world.sought, ids });
  if (sweep) await sweepUp(runner, cloud, target, await leftovers());
  const left = await leftovers();
  runner.info(table('There is still', left));
  // As long as something is there, the next apply may find it to be what one before had begun to create.
  if (left.length === 0) await clear(bucket, state);
  for (const thing of left.filter(({ billable }) => billable))
    runner.warning(`${list(thing)} is still there and is billed: ${advice(thing, sweep)}`);
  const dumps = await keptAtLast(runner, data);
  for (const { address, moment } of dumps)
    runner.info(`What was in a database is kept in ${address}, as of ${moment}`);
  runner.info(`${environment}: ${outcome(world.things, left)}`);
  await runner.summary(summarise(environment, world.things, left, dumps));
  return { leftovers: left, dumps: dumps.map(({ address }) => address) };
}

/** @returns the ids of the volumes that the cluster has made: they carry no name of ours */
async function emptyCluster(
  runner: Runner,
  cloud: Exoscale,
  { target: { resourceName } }: Prepared,
  { cluster: found }: World,
  dryRun: boolean,
): Promise<string[]> {
  if (!found) {
    runner.info('The cluster is gone already');
    return [];
  }
  const access = {
    // The one that the state knows: there may be a second of that name.
    exoscale: { ...cloud, findCluster: async () => found },
    clusterName: resourceName,
    ttlSeconds: (patience + 5) * 60,
  };
  return withKubeconfig(runner, access, async path => {
    const cluster = kubectl(runner, path);
    try {
      const inside = await contents(cluster);
      const { applications, balancers, claims } = inside;
      runner.info(
        `In the cluster: ${applications.length} Applications, ${balancers.length} load balancers, ${claims.length} volume claims`,
      );
      if (!dryRun) await empty(runner, cluster, inside, within(patience));
      return volumeIds(inside);
    } catch (error) {
      if (!(error instanceof KubernetesError) || error.reason !== 'Unavailable') throw error;
      throw new UserError(
        `${error.message}; if ${resourceName} cannot be reached any more, delete it in Exoscale's console and run this again`,
      );
    }
  });
}

async function removeRecords(
  runner: Runner,
  { target: { environment, platform } }: Prepared,
  { clusterId }: World,
  cloudflareApiToken: string,
  dryRun: boolean,
): Promise<void> {
  const { dns } = platform;
  if (clusterId !== undefined) {
    await removeOwned(runner, { environment, dns, cloudflareApiToken, clusterId, dryRun });
    return;
  }
  runner.info(
    `DNS: neither the state nor Exoscale knows the cluster any more, so its records went in a teardown before, or cannot be told from others (they carry "slipway ${dns.owner}@…" in their comments)`,
  );
}

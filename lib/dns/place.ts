import { statSync } from 'node:fs';
import { type Exoscale, exoscale } from '../exoscale/exoscale.ts';
import { type PlatformFile, target } from '../platform/platform.ts';
import { Absent, UserError } from '../runner/errors.ts';
import { gathering } from '../runner/gather.ts';
import type { Fallback } from './fallback.ts';
import { parseTargets } from './target.ts';

/** An environment of platform.yaml and the account that it is in. */
export interface Place {
  platform: PlatformFile;
  resourceName: string;
  cloud: Exoscale;
}

export interface PlaceRequest {
  environment?: string | undefined;
  platformFile: string;
  manifests?: string | undefined;
  target?: string | undefined;
  clusterId?: string | undefined;
  kubeconfig?: string | undefined;
  exoscaleApiKey?: string | undefined;
  exoscaleApiSecret?: string | undefined;
}

/**
 * Undefined where there is no environment, and the inputs say everything.
 * @throws UserErrors with every mistake in platform.yaml
 */
export async function placeOf(request: PlaceRequest): Promise<Place | undefined> {
  const { environment, platformFile, exoscaleApiKey: key = '', exoscaleApiSecret: secret = '' } = request;
  if (environment === undefined) return undefined;
  const { platform, resourceName, settings } = await target(platformFile, environment);
  return { platform, resourceName, cloud: exoscale({ key, secret, zone: settings.zone }) };
}

/** @throws UserErrors when the inputs do not say where to look, or name what is not there */
export function assertPlace(request: PlaceRequest): void {
  const { environment, kubeconfig, manifests } = request;
  const { attempt, tell } = gathering();
  if (environment === undefined) attempt(() => assertEnough(request));
  else if (!request.exoscaleApiKey || !request.exoscaleApiSecret) attempt(() => assertNothingAsked(request));
  attempt(() => assertThere(kubeconfig, manifests));
  tell();
}

function assertThere(kubeconfig: string | undefined, manifests: string | undefined): void {
  if (manifests !== undefined) {
    if (statSync(manifests, { throwIfNoEntry: false })?.isDirectory()) return;
    throw new UserError(
      `There is no folder ${manifests}: name the one that holds your manifests in the input "manifests"`,
    );
  }
  if (kubeconfig === undefined || statSync(kubeconfig, { throwIfNoEntry: false })?.isDirectory() === false)
    return;
  throw new UserError(
    `There is no kubeconfig ${kubeconfig}: give the path of one that is there in the input "kubeconfig", or have an earlier step write it`,
  );
}

function assertEnough({ kubeconfig, manifests, clusterId }: PlaceRequest): void {
  if (manifests === undefined && kubeconfig === undefined)
    throw new UserError(
      'Inputs "environment" and "kubeconfig" are missing: name an environment of platform.yaml, or give a kubeconfig with "owner" and "zones"',
    );
  if (manifests !== undefined && clusterId === undefined)
    throw new UserError(
      'Inputs "environment" and "cluster-id" are missing: name an environment of platform.yaml, or give the id of the cluster that the manifests are for, with "owner" and "zones"',
    );
}

/** Without its key Exoscale would refuse one question after the other. */
function assertNothingAsked({ target, clusterId, kubeconfig, manifests }: PlaceRequest): void {
  const asked = [
    target === undefined && '"target"',
    clusterId === undefined && '"cluster-id"',
    kubeconfig === undefined && manifests === undefined && '"kubeconfig"',
  ].filter(Boolean);
  if (asked.length === 0) return;
  throw new UserError(
    `${asked.join(', ')} would be asked of Exoscale, which needs EXOSCALE_API_KEY and EXOSCALE_API_SECRET: give both, or ${asked.length === 1 ? 'that input' : 'those inputs'}`,
  );
}

/**
 * @param preview whether it may be that the environment is yet to be built
 * @throws Absent
 */
export async function balancerOf({ cloud, resourceName }: Place, preview: boolean): Promise<Fallback> {
  const balancer = await cloud.findLoadBalancer(resourceName);
  if (balancer) return { targets: parseTargets(balancer.ip), assumed: true };
  if (preview)
    return {
      targets: [],
      pending: `the load balancer ${resourceName}, which is to take it, is not built yet`,
    };
  throw new Absent(
    `There is no load balancer ${resourceName} in ${cloud.zone} to lead names to: "apply" creates it, or give the input "target"`,
  );
}

/** The same of the cluster. */
export async function clusterIdOf({ cloud, resourceName }: Place, preview: boolean): Promise<string> {
  const cluster = await cloud.findCluster(resourceName);
  if (cluster) return cluster.id;
  if (preview) return ''; // of a cluster that is not built yet no record can be
  throw new Absent(
    `There is no SKS cluster ${resourceName} in ${cloud.zone}, whose id the records carry: "apply" creates it, or give the input "cluster-id"`,
  );
}

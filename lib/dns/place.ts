import { type Exoscale, exoscale } from '../exoscale/exoscale.ts';
import { type PlatformFile, target } from '../platform/platform.ts';
import { UserError } from '../runner/errors.ts';
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
 * @throws UserError when they do not
 */
export async function placeOf(request: PlaceRequest): Promise<Place | undefined> {
  const { environment, platformFile, exoscaleApiKey: key = '', exoscaleApiSecret: secret = '' } = request;
  if (environment === undefined) {
    assertEnough(request);
    return undefined;
  }
  const { platform, resourceName, settings } = await target(platformFile, environment);
  if (key === '' || secret === '') assertNothingAsked(request);
  return { platform, resourceName, cloud: exoscale({ key, secret, zone: settings.zone }) };
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

/** @param preview whether it may be that the environment is yet to be built */
export async function balancerOf({ cloud, resourceName }: Place, preview: boolean): Promise<Fallback> {
  const balancer = await cloud.findLoadBalancer(resourceName);
  if (balancer) return { targets: parseTargets(balancer.ip), assumed: true };
  if (preview)
    return {
      targets: [],
      pending: `the load balancer ${resourceName}, which is to take it, is not built yet`,
    };
  throw new UserError(
    `There is no load balancer ${resourceName} in ${cloud.zone} to lead names to: "apply" creates it, or give the input "target"`,
  );
}

export async function clusterIdOf({ cloud, resourceName }: Place, preview: boolean): Promise<string> {
  const cluster = await cloud.findCluster(resourceName);
  if (cluster) return cluster.id;
  if (preview) return ''; // of a cluster that is not built yet no record can be
  throw new UserError(
    `There is no SKS cluster ${resourceName} in ${cloud.zone}, whose id the records carry: "apply" creates it, or give the input "cluster-id"`,
  );
}

import type { Exoscale } from '../exoscale/exoscale.ts';
import type { Target } from '../platform/platform.ts';
import type { Runner } from '../runner/runner.ts';
import { databaseManifests, type Outside } from './database.ts';
import { registryManifests } from './registry.ts';
import { repositoryManifests } from './repositories.ts';
import { manifest, secret } from './secrets.ts';

export interface Sources {
  /** Without it the database's credentials are not brought. */
  exoscale?: Exoscale | undefined;
  /** Reads the private repositories of the platform and its services. */
  repositoryToken?: string | undefined;
  /** Pulls the services' private images from ghcr.io. */
  registryToken?: string | undefined;
  /** With which cert-manager answers DNS challenges. */
  cloudflareApiToken?: string | undefined;
  dryRun: boolean;
}

/**
 * The Secrets that come from outside on each run, so that what is changed there arrives here. What is not given is left as
 * it is in the cluster.
 */
export async function fromOutside(
  runner: Runner,
  target: Target,
  argocd: string,
  { exoscale, repositoryToken, registryToken, cloudflareApiToken, dryRun }: Sources,
): Promise<Outside> {
  if (!exoscale) runner.info("Not brought without an Exoscale key: the database's credentials");
  const database = exoscale
    ? await databaseManifests(runner, exoscale, target, dryRun)
    : { manifests: [], unmade: [] };
  const repositories = repositoryToken ? repositoryManifests(target.platform, repositoryToken, argocd) : [];
  const registry = registryToken ? registryManifests(target.platform, registryToken) : [];
  if (registryToken && registry.length === 0)
    runner.warning(
      'The registry token was not brought: it is for images at ghcr.io, and platform.yaml names none there; leave the input "registry-token" out',
    );
  const issuer = cloudflareApiToken ? [manifest(cloudflare(cloudflareApiToken))] : [];
  return { ...database, manifests: [...database.manifests, ...repositories, ...registry, ...issuer] };
}

// Where cert-manager looks for what a ClusterIssuer names:
// https://cert-manager.io/docs/configuration/acme/dns01/cloudflare/
const cloudflare = (token: string) =>
  secret({ namespace: 'cert-manager', name: 'cloudflare-api-token', values: { 'api-token': token } });

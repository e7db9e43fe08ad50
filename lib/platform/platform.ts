import { UserError } from '../runner/errors.ts';
import { closest } from './closest.ts';
import { load } from './load.ts';
import type { Environment, PlatformFile, Service } from './schema.ts';

export { load, parse } from './load.ts';
export {
  dnsZones,
  type Environment,
  type PlatformFile,
  type Promotion,
  type Service,
  type Tags,
} from './schema.ts';

/** One environment with all that its name implies. */
export interface Target {
  platform: PlatformFile;
  environment: string;
  settings: Environment;
  /** `<platform>-<environment>`: the name of cluster, load balancer and database in Exoscale. */
  resourceName: string;
}

/**
 * Reads platform.yaml and picks one environment.
 * @throws UserErrors for a file with mistakes; UserError for an environment that it does not have
 */
export async function target(file: string, environment: string): Promise<Target> {
  return select(await load(file), environment, file);
}

export function select(platform: PlatformFile, environment: string, file = 'platform.yaml'): Target {
  const known = Object.keys(platform.environments);
  // By its own keys: "constructor" is a property of every object.
  const settings = known.includes(environment) ? platform.environments[environment] : undefined;
  if (!settings) {
    const hint = closest(environment, known);
    throw new UserError(
      `There is no environment "${environment}": ${hint ? `did you mean "${hint}"? It` : `it`} must be one of ${known.join(', ')}`,
      { file },
    );
  }
  return { platform, environment, settings, resourceName: `${platform.name}-${environment}` };
}

/** The full host of a service in an environment: `shop` in `staging.example.com` → `shop.staging.example.com`. */
export const serviceHost = (service: Service, settings: Environment): string =>
  `${service.host}.${settings.domain}`;

/** `https://github.com/acme/ui` → `acme/ui`. */
export const repositorySlug = (url: string): string => new URL(url).pathname.slice(1).replace(/\.git$/, '');

/** A service of platform.yaml. @throws UserError with the one that was probably meant */
export function serviceNamed({ services }: PlatformFile, name: string): string {
  const known = Object.keys(services);
  if (known.includes(name)) return name;
  const hint = closest(name, known);
  throw new UserError(
    `There is no service "${name}": ${hint ? `did you mean "${hint}"?` : `it must be one of ${known.join(', ')}`}`,
  );
}

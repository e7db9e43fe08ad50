import type { Exoscale } from '../exoscale/exoscale.ts';
import type { Manifest } from '../kubectl/kubectl.ts';
import type { Target } from '../platform/platform.ts';
import type { Runner } from '../runner/runner.ts';
import { manifest, secret } from './secrets.ts';

/** What is brought into the cluster, and, in a dry run, what would have to be made first: a line each. */
export interface Outside {
  manifests: Manifest[];
  unmade: string[];
}

/**
 * The Secret `database` in the services' namespace, which has the platform's name: how the services reach the managed
 * PostgreSQL. It comes from Exoscale on every run, so that a password that is reset there arrives here.
 */
export async function databaseManifests(
  runner: Runner,
  exoscale: Exoscale,
  { platform, resourceName }: Target,
  dryRun: boolean,
): Promise<Outside> {
  if (dryRun && !(await isMade(exoscale, resourceName, platform.name))) {
    const unmade = `+ user and database ${platform.name} in the database service ${resourceName}, and a Secret that tells`;
    runner.info(unmade);
    return { manifests: [], unmade: [unmade] };
  }
  const { certificate, host, port, user, password, database, sslmode, uri } = await exoscale.ensureDatabase(
    resourceName,
    { user: platform.name, database: platform.name },
  );
  runner.mask(password);
  runner.mask(uri);
  const values = { host, port: String(port), user, password, database, sslmode, uri, 'ca.crt': certificate };
  return {
    manifests: [manifest(secret({ namespace: platform.name, name: 'database', values }))],
    unmade: [],
  };
}

/** Whether asking for the credentials would create nothing. */
async function isMade(exoscale: Exoscale, service: string, name: string): Promise<boolean> {
  const found = await exoscale.findDatabase(service);
  return (found?.users.includes(name) && found.databases.includes(name)) ?? false;
}

import type { Exoscale } from '../exoscale/exoscale.ts';
import type { Manifest } from '../kubectl/kubectl.ts';
import type { Target } from '../platform/platform.ts';
import type { Runner } from '../runner/runner.ts';
import { manifest, secret } from './secrets.ts';

/**
 * The Secret `database` in the services' namespace, which has the platform's name: how the services reach the managed
 * PostgreSQL. It comes from Exoscale on every run, so that a password that is reset there arrives here.
 */
export async function databaseManifests(
  runner: Runner,
  exoscale: Exoscale,
  { platform, resourceName }: Target,
  dryRun: boolean,
): Promise<Manifest[]> {
  if (dryRun && !(await isMade(exoscale, resourceName, platform.name))) {
    runner.info(
      `+ user and database ${platform.name} in the database service ${resourceName}, and a Secret that tells`,
    );
    return [];
  }
  const { certificate, host, port, user, password, database, sslmode, uri } = await exoscale.ensureDatabase(
    resourceName,
    { user: platform.name, database: platform.name },
  );
  runner.mask(password);
  runner.mask(uri);
  const values = { host, port: String(port), user, password, database, sslmode, uri, 'ca.crt': certificate };
  return [manifest(secret({ namespace: platform.name, name: 'database', values }))];
}

/** Whether asking for the credentials would create nothing. */
async function isMade(exoscale: Exoscale, service: string, name: string): Promise<boolean> {
  const found = await exoscale.findDatabase(service);
  return (found?.users.includes(name) && found.databases.includes(name)) ?? false;
}

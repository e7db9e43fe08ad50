import type { Exoscale } from '../exoscale/exoscale.ts';
import type { KubeObject, Manifest } from '../kubectl/kubectl.ts';
import type { Target } from '../platform/platform.ts';
import type { Runner } from '../runner/runner.ts';

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
  return [
    // Nothing but its name: labels and the rest are Argo CD's.
    manifest({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: platform.name } }),
    manifest({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'database', namespace: platform.name },
      ...{ type: 'Opaque', data: encoded(values) },
    }),
  ];
}

/** Whether asking for the credentials would create nothing. */
async function isMade(exoscale: Exoscale, service: string, name: string): Promise<boolean> {
  const found = await exoscale.findDatabase(service);
  return (found?.users.includes(name) && found.databases.includes(name)) ?? false;
}

// `data` and not `stringData`: the API server does not give the latter back, so it would look changed every time.
const encoded = (values: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );

// JSON is YAML.
const manifest = (object: KubeObject): Manifest => ({ text: JSON.stringify(object), object });

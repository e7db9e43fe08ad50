import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../sandbox/ports.ts';
import { postgres } from '../../sandbox/postgres/index.ts';
import type { Child, Run } from '../../sandbox/run.ts';
import { tool } from '../../sandbox/tools/build.ts';
import { openClient } from './client.ts';
import { nodeOptions, type Place, routes, traefikArguments } from './routes.ts';

const root = join(import.meta.dirname, '../..');
const service = (name: string, file: string) => join(root, 'services', name, 'src', file);

/** What a browser opens, and what it talks to: same site, so that the session's cookie goes along. */
const hosts = {
  ui: 'shop.example.localhost',
  product: 'api.example.localhost',
  'user-manager': 'api.example.localhost',
};

export type ServiceName = keyof typeof hosts;

/** A service's process, past Traefik: for who measures it, or kills it. */
export interface Program {
  url: string;
  pid(): number;
  /** Ends it at once (SIGKILL), whatever it was at, and starts it again on the same port. */
  restart(): Promise<void>;
}

export interface Programs {
  /** What Traefik's routes were made for. */
  place: Place;
  services: Record<ServiceName, Program>;
  shopOrigin: string;
  apiOrigin: string;
  /** Traefik's port on 127.0.0.1, for clients that do not know what `*.localhost` is. */
  port: number;
  databaseUrl: string;
  /** The rows of one statement, as superuser: for what tests do behind the shop's back. */
  query<Row = unknown>(sql: string, values?: unknown[]): Promise<Row[]>;
}

export interface ProgramOptions {
  /** Where Traefik and the services send traces to (OTLP over HTTP); nowhere unless told. */
  collector?: string;
}

/** PostgreSQL with both schemas, the three services as their images start them, and Traefik in front. */
export async function startPrograms(
  run: Run,
  shopName: string,
  { collector }: ProgramOptions = {},
): Promise<Programs> {
  const database = await postgres(run, { name: 'postgres' });
  await database.database('shop');
  const databaseUrl = database.uri(await database.user('shop'), 'shop');
  await Promise.all(['product', 'user-manager'].map(name => migrate(run, name, databaseUrl)));

  const key = join(run.folder, 'signing-key.pem');
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });

  const ports = {
    traefik: await freePort(),
    ui: await freePort(),
    product: await freePort(),
    'user-manager': await freePort(),
  };
  const shopOrigin = `http://${hosts.ui}:${ports.traefik}`;
  const apiOrigin = `http://${hosts.product}:${ports.traefik}`;
  const services = {
    ui: `http://127.0.0.1:${ports.ui}`,
    product: `http://127.0.0.1:${ports.product}`,
    'user-manager': `http://127.0.0.1:${ports['user-manager']}`,
  };
  const settings = {
    ui: { API_ORIGIN: apiOrigin, SHOP_NAME: shopName },
    product: {
      DATABASE_URL: databaseUrl,
      JWKS_URL: `${services['user-manager']}/.well-known/jwks.json`,
    },
    'user-manager': { DATABASE_URL: databaseUrl, ALLOWED_ORIGINS: shopOrigin, SIGNING_KEY_FILE: key },
  };
  const start = async (name: ServiceName): Promise<Program> => {
    const env = {
      ...settings[name],
      HOST: hosts[name],
      PORT: String(ports[name]),
      METRICS_PORT: String(await freePort()),
      NODE_OPTIONS: nodeOptions(root, name),
      ...(collector && { OTEL_EXPORTER_OTLP_ENDPOINT: collector }),
    };
    const ready = () => answers(`${services[name]}/readyz`);
    const open = () =>
      run.start(name, process.execPath, [service(name, 'main.ts')], { env, ready, seconds: 60 });
    let child = await open();
    return {
      url: services[name],
      pid: () => child.pid,
      async restart() {
        await child.stop();
        child = await open();
      },
    };
  };
  const [ui, product, userManager] = await Promise.all([
    start('ui'),
    start('product'),
    start('user-manager'),
  ]);

  const place = { hosts, services, shopOrigin };
  const more = collector ? [`--tracing.otlp.http.endpoint=${collector}/v1/traces`] : [];
  await startTraefik(run, 'traefik', { place, port: ports.traefik, ready: '/products?limit=1', more });
  return {
    place,
    services: { ui, product, 'user-manager': userManager },
    shopOrigin,
    apiOrigin,
    port: ports.traefik,
    databaseUrl,
    query: (sql, values) => database.query(sql, values, 'shop'),
  };
}

/**
 * Traefik with the cluster's routes on a port of 127.0.0.1; `ready` is a path of the API that has to answer, and `more` what
 * it is told besides.
 */
export async function startTraefik(
  run: Run,
  name: string,
  { place, port, ready, more = [] }: { place: Place; port: number; ready: string; more?: string[] },
): Promise<Child> {
  const file = join(run.folder, `${name}-routes.yaml`); // JSON is YAML
  writeFileSync(file, JSON.stringify(routes(root, place)));
  const { shopOrigin } = place;
  const client = openClient({ port, apiOrigin: `http://${hosts.product}:${port}`, shopOrigin });
  return run.start(
    name,
    await tool('traefik'),
    [...traefikArguments(root, { address: `127.0.0.1:${port}`, file }), ...more],
    {
      ready: () => client.must('GET', ready), // it answers 404 until it knows its routes
      seconds: 60,
    },
  );
}

async function answers(url: string): Promise<void> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(await response.text());
}

async function migrate(run: Run, name: string, databaseUrl: string): Promise<void> {
  await output(run, service(name, 'migrate.ts'), databaseUrl);
}

/** A token that makes an account an administrator, as an operator would print it in the cluster. */
export async function adminToken(run: Run, databaseUrl: string): Promise<string> {
  return (await output(run, service('user-manager', 'admin-token.ts'), databaseUrl)).trim();
}

async function output(run: Run, file: string, databaseUrl: string): Promise<string> {
  const env = run.environment({ DATABASE_URL: databaseUrl });
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [file], { env, cwd: run.folder }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
  });
}

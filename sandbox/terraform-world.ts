import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { cloudflare } from './cloudflare/index.ts';
import { openEgress, type Route } from './egress.ts';
import type { ClusterHook, DatabaseHook } from './exoscale/api.ts';
import { exoscaleStandIn } from './exoscale/index.ts';
import { remembered } from './exoscale/testing.ts';
import { faultProxy } from './fault-proxy.ts';
import { github } from './github/index.ts';
import { type Postgres, postgres } from './postgres/index.ts';
import { type Environment, openRun } from './run.ts';
import { runAction, type StepResult } from './runner.ts';
import { s3 } from './s3.ts';
import { terraformMirror } from './terraform-mirror.ts';
import { tool } from './tools/build.ts';

const root = join(import.meta.dirname, '..');
const credentials = { key: 'EXO0123456789abcdef01234567', secret: 'exoscale-secret-of-the-sandbox' };

/** For root modules of a test's own: the backend as ours has it. */
export const backend = `
terraform {
  backend "s3" {
    use_lockfile                = true
    use_path_style              = true
    skip_credentials_validation = true
    skip_metadata_api_check     = true
    skip_region_validation      = true
    skip_requesting_account_id  = true
    skip_s3_checksum            = true
  }
}
`;

export type TerraformWorld = Awaited<ReturnType<typeof terraformWorld>>;

export interface TerraformWorldOptions {
  /** What stands before each service. */
  before?(service: string, target: string): Promise<string>;
  /** More in every action's environment. */
  environment?: Environment;
  /** What is behind clusters; nothing unless told. */
  cluster?: Partial<ClusterHook>;
  /** Who else is there. */
  routes?: Route[];
  /** Real ones, and a Cloudflare without zones; else of databases, too, it is only remembered that they are there. */
  databases?: boolean;
  /** What is behind databases instead. */
  database?: DatabaseHook;
}

/** As much of the world as Terraform needs: Exoscale without real clusters, a real S3 server, the real provider, GitHub. */
export async function terraformWorld(options: TerraformWorldOptions = {}) {
  const { before = async (_, target) => target, databases = false } = options;
  const run = openRun();
  const servers = new Map<string, Postgres>();
  const database: DatabaseHook = {
    async create(name) {
      const server = await postgres(run, { name: `database-${name}-${servers.size}` });
      servers.set(name, server);
      return server;
    },
    async delete(name) {
      await servers.get(name)?.stop();
    },
  };
  const hooks = {
    ...remembered(),
    ...(databases && { database }),
    ...(options.database && { database: options.database }),
  };
  const cluster = { ...hooks.cluster, ...options.cluster };
  const exoscale = await exoscaleStandIn({ ...credentials, ...hooks, cluster });
  const dns = databases ? await cloudflare({ zones: [] }) : undefined;
  const server = await s3(run);
  const storage = await faultProxy(server.url);
  const hub = await github(run);
  // Tests look around it.
  const bucket = `${server.url}/acme-terraform-state`;
  await server.makeBucket('acme-terraform-state');
  const egress = await openEgress(run, [
    { host: '*.exoscale.com', target: await before('exoscale', exoscale.url) },
    { host: 'sos-ch-gva-2.exo.io', target: await before('bucket', storage.url) },
    { host: 'api.github.com', target: await before('github', hub.url) },
    ...(dns ? [{ host: 'api.cloudflare.com', target: dns.url }] : []),
    ...(options.routes ?? []),
  ]);
  const environment = run.environment({
    ...egress.environment,
    ...options.environment,
    TF_CLI_CONFIG_FILE: await terraformMirror(run.folder, await tool('terraform-provider-exoscale')),
  });

  return {
    ...credentials,
    exoscale,
    /** Where the state is: every request for it, and what goes wrong with it. */
    storage,
    github: hub,
    egress,
    environment,
    /** What runs behind a database service of that name. */
    postgres: (name: string): Postgres | undefined => servers.get(name),

    /** A checkout with our terraform/, or with another root module, for a platform of this name: each has a state of its own. */
    async checkout(name: string, module?: string): Promise<string> {
      const cwd = join(run.folder, name);
      await mkdir(join(cwd, 'terraform'), { recursive: true });
      const platform = await readFile(join(root, 'platform.yaml'), 'utf8');
      await writeFile(join(cwd, 'platform.yaml'), platform.replace(/^name: .*$/m, `name: ${name}`));
      if (module === undefined) {
        const unwanted = /\.terraform(\.lock\.hcl)?$|tests$/;
        await cp(join(root, 'terraform'), join(cwd, 'terraform'), {
          recursive: true,
          filter: path => !unwanted.test(path),
        });
      } else await writeFile(join(cwd, 'terraform', 'main.tf'), module);
      return cwd;
    },

    async edit(cwd: string, file: string, from: string, to: string): Promise<void> {
      const text = await readFile(join(cwd, file), 'utf8');
      if (!text.includes(from)) throw new Error(`${file} does not contain ${from}`);
      await writeFile(join(cwd, file), text.replace(from, to));
    },

    /** Runs an action on staging as a workflow does. */
    step: (
      action: string,
      cwd: string,
      { inputs, ...more }: Partial<Parameters<typeof runAction>[0]> = {},
    ): Promise<StepResult> =>
      runAction({
        action,
        cwd,
        env: environment,
        inputs: {
          environment: 'staging',
          'exoscale-api-key': credentials.key,
          'exoscale-api-secret': credentials.secret,
          ...inputs,
        },
        ...more,
      }),

    /** Terraform as somebody runs it on a laptop, for staging; terraform/README.md shows how. */
    async byHand(cwd: string, args: string[]): Promise<string> {
      const env = {
        ...environment,
        EXOSCALE_API_KEY: credentials.key,
        EXOSCALE_API_SECRET: credentials.secret,
        AWS_ACCESS_KEY_ID: credentials.key,
        AWS_SECRET_ACCESS_KEY: credentials.secret,
        AWS_REQUEST_CHECKSUM_CALCULATION: 'when_required',
        AWS_RESPONSE_CHECKSUM_VALIDATION: 'when_required',
        TF_VAR_environment: 'staging',
        TF_CLI_ARGS: '-no-color',
      };
      const run = (args: string[]) =>
        promisify(execFile)('terraform', args, { cwd: join(cwd, 'terraform'), env });
      const config = join(cwd, 'staging.tfbackend.json');
      const endpoints = { s3: 'https://sos-ch-gva-2.exo.io' };
      const key = `${basename(cwd)}/staging.tfstate`;
      await writeFile(
        config,
        JSON.stringify({ bucket: 'acme-terraform-state', key, region: 'ch-gva-2', endpoints }),
      );
      await run(['init', '-reconfigure', `-backend-config=${config}`]);
      return (await run(args)).stdout;
    },

    /** An object of the state's bucket; written when there is a body. */
    async object(key: string, body?: string): Promise<string | undefined> {
      const response = await fetch(`${bucket}/${key}`, {
        ...(body !== undefined && { method: 'PUT', body }),
      });
      return response.ok ? response.text() : undefined;
    },

    async remove(key: string): Promise<void> {
      await fetch(`${bucket}/${key}`, { method: 'DELETE' });
    },

    /** What changed something at Exoscale, since the beginning. */
    writes: (): string[] =>
      exoscale.requests.filter(({ method }) => method !== 'GET').map(({ method, url }) => `${method} ${url}`),

    async [Symbol.asyncDispose](): Promise<void> {
      await egress.close();
      await dns?.close();
      await exoscale.close();
      await hub.close();
      await storage.close();
      await run.close();
    },
  };
}

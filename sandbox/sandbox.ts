import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { type Cloudflare, type CloudflareOptions, cloudflare } from './cloudflare/index.ts';
import { playedClusters, realClusters } from './clusters.ts';
import type { ControlPlane } from './control-plane/index.ts';
import { type Egress, openEgress } from './egress.ts';
import { forwardings } from './exoscale/forwardings.ts';
import { lookOnly, newRole, readOnly } from './exoscale/iam.ts';
import { type ExoscaleStandIn, exoscaleStandIn } from './exoscale/index.ts';
import { type GitHub, github } from './github/index.ts';
import { openInternet } from './internet.ts';
import { type Images, openImages } from './node/images/index.ts';
import { type Postgres, postgres } from './postgres/index.ts';
import { reserve } from './reserve.ts';
import { type Environment, openRun, type Run } from './run.ts';
import { type S3, s3 } from './s3.ts';
import { terraformMirror } from './terraform-mirror.ts';
import { tool } from './tools/build.ts';
import { toolPath } from './tools/cache.ts';

export interface Sandbox {
  run: Run;
  exoscale: ExoscaleStandIn;
  cloudflare: Cloudflare;
  github: GitHub;
  egress: Egress;
  /** Where Terraform keeps its state. */
  storage: S3;
  /** What a team has in its terminal, by the names that `setup` knows. */
  secrets: {
    EXOSCALE_API_KEY: string;
    EXOSCALE_API_SECRET: string;
    /** A key that only reads, as jobs have it that change nothing. */
    PLAN_EXOSCALE_API_KEY: string;
    PLAN_EXOSCALE_API_SECRET: string;
    /** The same for drift, which looks into the cluster too. */
    DRIFT_EXOSCALE_API_KEY: string;
    DRIFT_EXOSCALE_API_SECRET: string;
    CLOUDFLARE_API_TOKEN: string;
    /** A token that only reads. */
    DRIFT_CLOUDFLARE_API_TOKEN: string;
    GITHUB_TOKEN: string;
  };
  /** Proxies, certificates, Terraform's mirror: everything but secrets that a job or a terminal here needs. */
  environment(): Promise<Environment>;
  /** What real nodes pull; only with them. */
  images?: () => Promise<Images>;
  /** What stands behind an SKS cluster or a database of that name. */
  controlPlane(name: string): ControlPlane | undefined;
  postgres(name: string): Postgres | undefined;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface SandboxOptions {
  zones?: CloudflareOptions['zones'];
  /**
   * A real node for each cluster, on which Argo CD, Traefik and the services run, and load balancers that lead there.
   * Needs Linux, root, and to be inside a network of its own (`enter`).
   */
  full?: boolean;
  /** How many clusters, and as many databases, are started before Exoscale is asked for them. */
  ahead?: number;
}

/**
 * The outside world on this machine: the stand-ins of the three paid APIs behind one gateway, S3 for the state, and a real
 * control plane or PostgreSQL for each that Exoscale is asked for. Tools are awaited where they are needed.
 */
export async function openSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const run = openRun();
  try {
    return await wire(run, options);
  } catch (error) {
    await run.close();
    throw error;
  }
}

const exoscaleKey = () => ({
  key: `EXO${randomBytes(12).toString('hex')}`,
  secret: randomBytes(32).toString('base64url'),
});

async function wire(
  run: Run,
  { zones = [{ name: 'example.com' }], full = false, ahead = 0 }: SandboxOptions,
): Promise<Sandbox> {
  const [owner, reader, looker] = [exoscaleKey(), exoscaleKey(), exoscaleKey()];
  const cloudflareToken = () => randomBytes(20).toString('base64url');
  const [writing, reading] = [cloudflareToken(), cloudflareToken()];
  const databases = new Map<string, Postgres>();
  const internet = full ? await openInternet() : undefined;

  let egress: Egress;
  let opening: Promise<Images> | undefined;
  const images = () => (opening ??= openImages(run, [egress.authority]));
  const hub = await github(run);
  const real = internet && realClusters(run, hub, internet, images, () => egress);
  const clusters = real ?? playedClusters(run, hub, () => egress);

  const servers = reserve(number =>
    postgres(run, { name: `database-${number}`, ...(internet && { host: internet.address }) }),
  );

  let databasesAhead = ahead;
  const exoscale: ExoscaleStandIn = await exoscaleStandIn({
    ...owner,
    keys: [
      { ...reader, name: 'reader', role: newRole('reader', readOnly) },
      { ...looker, name: 'looker', role: newRole('looker', lookOnly) },
    ],
    cluster: {
      ...clusters,
      create(name, cluster) {
        // A database lets in a cluster's nodes, so it is asked for when they are there: time enough to start it.
        if (databasesAhead-- > 0) servers.fill(1);
        return clusters.create(name, cluster);
      },
    },
    database: {
      async create(name) {
        const server = await servers.take();
        databases.set(name, server);
        // Real nodes come from addresses that this Exoscale has not given them.
        const { filter: _, ...open } = server;
        return internet ? open : server;
      },
      async delete(name) {
        await databases.get(name)?.stop();
        databases.delete(name);
      },
    },
    balancer: internet && {
      async changed(balancers) {
        await internet.forward(forwardings(exoscale.account, balancers, id => real?.get(id)));
      },
    },
  });
  const dns = await cloudflare({ zones, tokens: [{ token: writing }, { token: reading, may: 'read' }] });
  const standIns = [exoscale, dns, hub];
  const closeStandIns = () => Promise.all(standIns.map(each => each.close()));
  const storage = await s3(run).catch(async error => {
    await closeStandIns();
    throw error;
  });
  const routes = [
    { host: '*.exoscale.com', target: exoscale.url },
    { host: '*.exo.io', target: storage.url },
    { host: 'api.cloudflare.com', target: dns.url },
    { host: 'api.github.com', target: hub.url },
    { host: 'github.com', target: hub.url },
  ];
  egress = await openEgress(run, routes, internet?.address);
  clusters.prepare(ahead);

  let terraform: Promise<string> | undefined;
  const close = async () => {
    await run.close();
    await Promise.all([closeStandIns(), egress.close()]);
  };
  return {
    run,
    exoscale,
    cloudflare: dns,
    github: hub,
    egress,
    storage,
    secrets: {
      EXOSCALE_API_KEY: owner.key,
      EXOSCALE_API_SECRET: owner.secret,
      PLAN_EXOSCALE_API_KEY: reader.key,
      PLAN_EXOSCALE_API_SECRET: reader.secret,
      DRIFT_EXOSCALE_API_KEY: looker.key,
      DRIFT_EXOSCALE_API_SECRET: looker.secret,
      CLOUDFLARE_API_TOKEN: writing,
      DRIFT_CLOUDFLARE_API_TOKEN: reading,
      GITHUB_TOKEN: hub.token('github-actions[bot]'),
    },
    async environment() {
      terraform ??= tool('terraform-provider-exoscale').then(async provider => {
        const folder = join(run.folder, 'terraform');
        await mkdir(folder, { recursive: true });
        return terraformMirror(folder, provider);
      });
      const environment = run.environment(egress.environment);
      const kubectl = dirname(toolPath('kubectl'));
      return {
        ...environment,
        PATH: [kubectl, environment.PATH].join(delimiter),
        TF_CLI_CONFIG_FILE: await terraform,
      };
    },
    ...(internet && { images }),
    controlPlane: clusters.named,
    postgres: name => databases.get(name),
    close,
    [Symbol.asyncDispose]: close,
  };
}

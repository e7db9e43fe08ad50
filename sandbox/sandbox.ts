import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { type Argocd, startArgocd } from './argocd/start.ts';
import { type Cloudflare, type CloudflareOptions, cloudflare } from './cloudflare/index.ts';
import { type ControlPlane, controlPlane } from './control-plane/index.ts';
import { type Egress, openEgress } from './egress.ts';
import { type ExoscaleStandIn, exoscaleStandIn } from './exoscale/index.ts';
import { type GitHub, github } from './github/index.ts';
import { type Postgres, postgres } from './postgres/index.ts';
import { type Environment, openRun, type Run } from './run.ts';
import { type S3, s3 } from './s3.ts';
import { terraformMirror } from './terraform-mirror.ts';
import { tool } from './tools/build.ts';
import { toolPath } from './tools/cache.ts';
import type { ToolName } from './tools/parts.ts';
import { upstreams } from './upstream/index.ts';

/** What the sandbox runs on, in the order in which a platform's life needs it. */
export const sandboxTools: ToolName[] = [
  'gofakes3',
  'terraform-provider-exoscale',
  'etcd',
  'kube-apiserver',
  'kubectl',
  'kube-controller-manager',
  'kube-scheduler',
  'kwok',
];

export interface Sandbox {
  run: Run;
  exoscale: ExoscaleStandIn;
  cloudflare: Cloudflare;
  github: GitHub;
  egress: Egress;
  /** Where Terraform keeps its state. */
  storage: S3;
  /** The secrets that a repository's environments hold, by their variables' names. */
  secrets: {
    EXOSCALE_API_KEY: string;
    EXOSCALE_API_SECRET: string;
    CLOUDFLARE_API_TOKEN: string;
    GITHUB_TOKEN: string;
  };
  /** Proxies, certificates, Terraform's mirror: everything but secrets that a job or a terminal here needs. */
  environment(): Promise<Environment>;
  /** What stands behind an SKS cluster or a database of that name. */
  controlPlane(name: string): ControlPlane | undefined;
  postgres(name: string): Postgres | undefined;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface SandboxOptions {
  zones?: CloudflareOptions['zones'];
}

/** Good for as long as any sandbox stays up. */
const argocdSubject = { user: 'argocd', groups: ['system:masters'], ttlSeconds: 7 * 24 * 60 * 60 };

/**
 * The outside world on this machine: the stand-ins of the three paid APIs behind one gateway, S3 for the state, and a real
 * control plane or PostgreSQL for each that Exoscale is asked for. Tools are awaited where they are needed.
 */
export async function openSandbox({
  zones = [{ name: 'example.com' }],
}: SandboxOptions = {}): Promise<Sandbox> {
  const run = openRun();
  try {
    return await wire(run, zones);
  } catch (error) {
    await run.close();
    throw error;
  }
}

async function wire(run: Run, zones: CloudflareOptions['zones']): Promise<Sandbox> {
  const key = `EXO${randomBytes(12).toString('hex')}`;
  const secret = randomBytes(32).toString('base64url');
  const cloudflareToken = randomBytes(20).toString('base64url');
  const clusters = new Map<string, { name: string; plane: ControlPlane }>();
  const databases = new Map<string, Postgres>();
  const plane = (id: string): ControlPlane => {
    const cluster = clusters.get(id);
    if (!cluster) throw new Error(`No control plane stands behind the cluster ${id}`);
    return cluster.plane;
  };

  const [exoscale, dns, hub] = await Promise.all([
    exoscaleStandIn({
      key,
      secret,
      cluster: {
        async create(name, { id }) {
          argocd ??= openArgocd();
          const making = controlPlane(run, { name: `${name}-${id.slice(0, 8)}` });
          const [made, player] = await Promise.all([making, argocd]);
          clusters.set(id, { name, plane: made });
          await player.play(id, await made.kubeconfig(argocdSubject));
          return made;
        },
        async delete(id) {
          await (await argocd)?.stop(id);
          await clusters.get(id)?.plane.stop();
          clusters.delete(id);
        },
        kubeconfig: (id, subject) => plane(id).kubeconfig(subject),
        scale: (id, pool, names) => plane(id).setNodes(pool, names),
      },
      database: {
        async create(name) {
          const server = await postgres(run, { name: `database-${name}` });
          databases.set(name, server);
          return server;
        },
        async delete(name) {
          await databases.get(name)?.stop();
          databases.delete(name);
        },
      },
    }),
    cloudflare({ zones, tokens: [{ token: cloudflareToken }] }),
    github(run),
  ]);
  const standIns = [exoscale, dns, hub];
  const closeStandIns = () => Promise.all(standIns.map(each => each.close()));
  const storage = await s3(run).catch(async error => {
    await closeStandIns();
    throw error;
  });
  const egress = await openEgress(run, [
    { host: '*.exoscale.com', target: exoscale.url },
    { host: '*.exo.io', target: storage.url },
    { host: 'api.cloudflare.com', target: dns.url },
    { host: 'api.github.com', target: hub.url },
    { host: 'github.com', target: hub.url },
  ]);
  let argocd: Promise<Argocd> | undefined;

  async function openArgocd(): Promise<Argocd> {
    // What installs Argo CD fetches it from its repository, and so does Argo CD itself.
    await mirrorUpstreams(hub);
    return startArgocd(run, await tool('kubectl'), egress.environment);
  }

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
      EXOSCALE_API_KEY: key,
      EXOSCALE_API_SECRET: secret,
      CLOUDFLARE_API_TOKEN: cloudflareToken,
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
    controlPlane: name => [...clusters.values()].find(cluster => cluster.name === name)?.plane,
    postgres: name => databases.get(name),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function mirrorUpstreams(hub: GitHub): Promise<void> {
  for (const { repository, folder, tag } of await upstreams()) await hub.mirror(repository, folder, tag);
}

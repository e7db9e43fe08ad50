import { spawn } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { setGlobalProxyFromEnv } from 'node:http';
import { delimiter, dirname, join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { getOctokit } from '@actions/github';
import { cloudflare } from './cloudflare/index.ts';
import { openEgress } from './egress.ts';
import { lookOnly, newRole, type Policy, readOnly } from './exoscale/iam.ts';
import { exoscaleStandIn } from './exoscale/index.ts';
import { remembered } from './exoscale/testing.ts';
import { github } from './github/index.ts';
import { openRun } from './run.ts';
import { s3 } from './s3.ts';
import type { StandIn } from './stand-in.ts';
import { tool } from './tools/build.ts';

const root = join(import.meta.dirname, '..');

const { compute, dbaas } = readOnly.services;
const policies: Record<string, Policy> = {
  /** May look at its own role too. */
  reader: readOnly,
  looker: lookOnly,
  blind: { ...readOnly, services: { ...(compute && dbaas && { compute, dbaas }) } },
  writer: { 'default-service-strategy': 'allow', services: {} },
};
const main = { key: 'EXOmain0123456789abcdef0123', secret: 'main-secret-of-the-sandbox' };
const keys = Object.entries(policies).map(([name, policy]) => ({
  ...{
    name,
    key: `EXO${name}-0123456789abcdef`,
    secret: `${name}-secret-of-the-sandbox`,
    role: newRole(name, policy),
  },
}));

export const cloudflareTokens = {
  good: 'cloudflare-token-that-may-edit',
  second: 'cloudflare-token-that-may-edit-too',
  reading: 'cloudflare-token-that-reads',
  expired: 'cloudflare-token-that-is-over',
  elsewhere: 'cloudflare-token-of-another-zone',
};

export type SetupWorld = Awaited<ReturnType<typeof setupWorld>>;

/** The accounts of a new team: nothing is built, and nothing set up. */
export async function setupWorld({ zone = 'example.com' } = {}) {
  const run = openRun();
  const exoscale = await exoscaleStandIn({ ...main, ...remembered(), keys });
  const dns = await cloudflare({
    zones: [{ name: zone }, { name: 'example.org', status: 'pending' }],
    tokens: [
      { token: cloudflareTokens.good },
      { token: cloudflareTokens.second },
      { token: cloudflareTokens.reading, may: 'read' },
      { token: cloudflareTokens.expired, status: 'expired' },
      { token: cloudflareTokens.elsewhere, zone: 'example.org' },
    ],
  });
  const hub = await github(run);
  const storage = await s3(run, { buckets: 'made' });
  const egress = await openEgress(run, [
    { host: '*.exoscale.com', target: exoscale.url },
    { host: '*.exo.io', target: storage.url },
    { host: 'api.cloudflare.com', target: dns.url },
    { host: 'api.github.com', target: hub.url },
    { host: 'github.com', target: hub.url },
  ]);
  const kubectl = dirname(await tool('kubectl'));
  /** Proxies and tools: all but the secrets. */
  function environment(variables: Record<string, string> = {}): Record<string, string> {
    const own = run.environment({ ...egress.environment, ...variables });
    return { ...own, PATH: [kubectl, own.PATH].join(delimiter) };
  }
  const service = join(run.folder, 'service');
  await mkdir(join(service, 'deploy'), { recursive: true });
  await writeFile(join(service, 'deploy', 'kustomization.yaml'), 'resources: []\n');
  for (const name of ['ui', 'product', 'user-manager'])
    await hub.seed({ [`acme/${name}`]: { folder: service, tag: 'v0.1.0' } });
  const token = hub.token('octocat');
  const standIns: StandIn[] = [exoscale, dns, hub];

  return {
    ...{ environment, run, exoscale, cloudflare: dns, github: hub, storage, egress, token },
    /** By the names of their roles. */
    exoscaleKeys: Object.fromEntries(
      [{ name: 'main', ...main }, ...keys].map(({ name, key, secret }) => [name, { key, secret }]),
    ),
    complaints: () => standIns.flatMap(({ complaints }) => complaints),

    /** What a terminal has with which all can be made. */
    variables: (): Record<string, string> => ({
      GITHUB_TOKEN: token,
      EXOSCALE_API_KEY: main.key,
      EXOSCALE_API_SECRET: main.secret,
      PLAN_EXOSCALE_API_KEY: keys[0]?.key ?? '',
      PLAN_EXOSCALE_API_SECRET: keys[0]?.secret ?? '',
      DRIFT_EXOSCALE_API_KEY: keys[1]?.key ?? '',
      DRIFT_EXOSCALE_API_SECRET: keys[1]?.secret ?? '',
      CLOUDFLARE_API_TOKEN: cloudflareTokens.good,
      DRIFT_CLOUDFLARE_API_TOKEN: cloudflareTokens.reading,
    }),

    /** A copy of the platform whose repository is `acme/<name>`, with a bucket of its own, administered by octocat. */
    async team(name: string) {
      const cwd = join(run.folder, name);
      await mkdir(cwd);
      for (const each of ['.github', 'manifests'])
        await cp(join(root, each), join(cwd, each), { recursive: true });
      const text = await readFile(join(root, 'platform.yaml'), 'utf8');
      const file = join(cwd, 'platform.yaml');
      await writeFile(
        file,
        text
          .replace(/^repository: .*$/m, `repository: https://github.com/acme/${name}`)
          .replace(/^( {2}bucket: ).*$/m, `$1acme-${name}`),
      );
      await hub.seed({ [`acme/${name}`]: cwd });
      const people = hub.repository(`acme/${name}`);
      people.administer('octocat');
      const octokit = getOctokit(token, { baseUrl: hub.url });
      return {
        cwd,
        file,
        people,
        octokit,
        place: { owner: 'acme', repo: name },
        bucket: `${storage.url}/acme-${name}`,
      };
    },

    /** From now on this process too reaches the outside world by the sandbox's names, which saves starting another. */
    enter(): void {
      const proxy = { ...egress.environment };
      Object.assign(process.env, proxy);
      setGlobalProxyFromEnv(proxy);
      setDefaultCACertificates([...getCACertificates('default'), egress.authority]);
    },

    /** `npm run slipway -- …` as somebody runs it in a folder, with these variables. */
    async slipway(
      cwd: string,
      args: string[],
      variables: Record<string, string>,
      killed?: (output: string) => boolean,
    ) {
      const env = environment(variables);
      const child = spawn(process.execPath, [join(root, 'scripts/slipway.ts'), ...args], { cwd, env });
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', chunk => {
          output += chunk;
        });
      const watch = killed && setInterval(() => killed(output) && child.kill('SIGKILL'), 1);
      const code = await new Promise<number | null>(resolve => child.once('close', resolve));
      clearInterval(watch);
      return { code, output };
    },

    async [Symbol.asyncDispose](): Promise<void> {
      await egress.close();
      await Promise.all(standIns.map(each => each.close()));
      await run.close();
    },
  };
}

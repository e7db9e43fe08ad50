import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { type Egress, openEgress } from '../../sandbox/egress.ts';
import { type GitHub, github } from '../../sandbox/github/index.ts';
import { pinFile } from '../../sandbox/github/pins.ts';
import { openRun } from '../../sandbox/run.ts';
import { runAction } from '../../sandbox/runner.ts';

const services = ['ui', 'product'];
export const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
export const pin = (service: string, version: string, at = digest('0')) => `kind: Application
metadata: { name: ${service} }
spec:
  source:
    targetRevision: v${version}
    kustomize:
      images: ["ghcr.io/acme/${service}:${version}@${at}"]
`;

function platform({ by = 'pull-request', tags = '', gates = {} }: Settings = {}): string {
  const common = 'zone: ch-gva-2, nodes: { type: standard.medium, count: 1 }, database: { plan: hobbyist-2 }';
  const promote = JSON.stringify({ from: 'staging', by, ...gates });
  return `
name: shop
repository: https://github.com/acme/platform
state: { bucket: acme-terraform-state, zone: ch-gva-2 }
dns: { zone: example.com, owner: shop }
services:
${services.map(name => `  ${name}: { repository: https://github.com/acme/${name}, image: ghcr.io/acme/${name}, host: ${name}${tags && `, tags: ${tags}`} }`).join('\n')}
environments:
  staging: { ${common}, domain: staging.example.com }
  production: { ${common}, domain: example.com, promote: ${promote} }
`;
}
interface Settings {
  by?: string;
  tags?: string;
  gates?: object;
}

interface State {
  'acme/platform': { issues: { state: string; title: string; body: string }[] };
}

/** A platform with two services in two environments, on a GitHub of its own for each test, and the action in it. */
export function gatesWorld() {
  const run = openRun();
  const workspace = join(run.folder, 'workspace');
  let server: GitHub;
  let egress: Egress;

  async function write(files: Record<string, string>): Promise<void> {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(workspace, path)), { recursive: true });
      await writeFile(join(workspace, path), text);
    }
  }

  beforeAll(async () => {
    const pins = services.flatMap(service =>
      ['staging', 'production'].map(environment => [pinFile(environment, service), pin(service, '1.0.0')]),
    );
    await write({ 'platform.yaml': platform(), ...Object.fromEntries(pins) });
  });
  afterAll(() => run.close());

  let attempt = 0;
  beforeEach(async () => {
    server = await github({ ...run, folder: join(run.folder, String(attempt++)) });
    await server.seed({ 'acme/platform': workspace, 'acme/product': workspace });
    egress = await openEgress(run, [{ host: 'api.github.com', target: server.url }]);
    return async () => {
      await egress.close();
      await server.close();
      expect([server.complaints, egress.refused]).toEqual([[], []]);
    };
  });

  const repository = () => server.repository('acme/platform');
  const stage = (service: string, version: string, at?: string) =>
    repository().commit({
      files: { [pinFile('staging', service)]: pin(service, version, at) },
      message: `Deploy ${service} ${version}`,
    });
  const production = (service: string, branch?: string) =>
    repository().file(pinFile('production', service), branch);

  async function promote(settings: Settings, inputs: Record<string, string> = {}, rerunBy?: string) {
    await write({ 'platform.yaml': platform(settings) });
    const from = server.requests.length;
    const env = {
      ...run.environment(egress.environment),
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      A_SECRET: 'of the job',
    };
    const given = {
      environment: 'production',
      'github-token': server.token('github-actions[bot]'),
      ...inputs,
    };
    const result = await runAction({
      ...{ action: 'promote', cwd: workspace, env, inputs: given },
      ...(rerunBy && { github: { rerunBy } }),
    });
    const requests = server.requests.slice(from);
    return {
      ...result,
      held: JSON.parse(result.outputs.held ?? '[]') as { service: string; version: string; until?: string }[],
      writes: requests.filter(({ method, url, body }) =>
        url === '/graphql' ? /\bmutation\b/.test(body) : method !== 'GET',
      ).length,
      requests,
    };
  }

  async function pullRequests(): Promise<{ state: string; title: string; body: string }[]> {
    const state = (await (await fetch(`${server.url}/_sandbox/state`)).json()) as State;
    return state['acme/platform'].issues;
  }

  return { server: () => server, write, repository, stage, production, promote, pullRequests };
}

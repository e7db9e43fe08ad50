import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { type Cloudflare, cloudflare } from '../../sandbox/cloudflare/index.ts';
import { type ControlPlane, controlPlane } from '../../sandbox/control-plane/index.ts';
import { define } from '../../sandbox/control-plane/objects.ts';
import { type Egress, openEgress } from '../../sandbox/egress.ts';
import { type GitHub, github } from '../../sandbox/github/index.ts';
import { openRun } from '../../sandbox/run.ts';
import { runAction } from '../../sandbox/runner.ts';
import { tool } from '../../sandbox/tools/build.ts';

const platform = `
name: shop
repository: https://github.com/acme/platform
state: { bucket: acme-terraform-state, zone: ch-gva-2 }
dns: { zone: example.com, owner: shop }
services:
  ui: { repository: https://github.com/acme/ui, image: ghcr.io/acme/ui, host: shop }
environments:
  staging:
    zone: ch-gva-2
    domain: staging.example.com
    nodes: { type: standard.medium, count: 1 }
    database: { plan: hobbyist-2 }
`;
export const route = (name: string, match: string) => ({
  apiVersion: 'traefik.io/v1alpha1',
  kind: 'IngressRoute',
  metadata: { name, namespace: 'default' },
  spec: { routes: [{ kind: 'Rule', match }] },
});
export const ingressRoutes = '/apis/traefik.io/v1alpha1/namespaces/default/ingressroutes';
export const ingresses = '/apis/networking.k8s.io/v1/namespaces/default/ingresses';
export const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
export const foreign = [
  { type: 'A', name: 'www', content: '198.51.100.7', comment: 'by hand' },
  { type: 'MX', name: '@', content: 'mx.example.net', priority: 10 },
];

/** A cluster with the kinds of Traefik, and a zone of its own for each test that somebody has put records into. */
export function dnsWorld() {
  const run = openRun();
  const workspace = join(run.folder, 'workspace');
  const kubeconfig = join(run.folder, 'kubeconfig');
  let cluster: ControlPlane;
  let hub: GitHub;
  let server: Cloudflare;
  let egress: Egress;

  beforeAll(async () => {
    mkdirSync(workspace);
    writeFileSync(join(workspace, 'platform.yaml'), platform);
    hub = await github(run);
    await hub.seed({ 'acme/platform': {} });
    cluster = await controlPlane(run, { name: 'staging' });
    await define(cluster.api, 'traefik/traefik', ['ingressroutes.traefik.io', 'ingressroutetcps.traefik.io']);
    writeFileSync(
      kubeconfig,
      await cluster.kubeconfig({ user: 'dns', groups: ['system:masters'], ttlSeconds: 600 }),
    );
  });
  afterAll(() => run.close());

  beforeEach(async () => {
    server = await cloudflare({ zones: [{ name: 'example.com', records: foreign }] });
    egress = await openEgress(run, [
      { host: 'api.cloudflare.com', target: server.url },
      { host: 'api.github.com', target: hub.url },
    ]);
    return async () => {
      await api('DELETE', ingressRoutes);
      await api('DELETE', ingresses);
      await egress.close();
      await server.close();
      expect([server.complaints, egress.refused, hub.complaints]).toEqual([[], [], []]);
    };
  });

  async function api(method: string, path: string, body?: unknown): Promise<void> {
    const { status } = await cluster.api(method, path, body);
    expect([200, 201, 202]).toContain(status);
  }

  async function dns(inputs: Record<string, string> = {}, { environment } = egress) {
    const from = server.requests.length;
    const path = [dirname(await tool('kubectl')), process.env.PATH].join(delimiter);
    const env = { ...run.environment(environment), PATH: path };
    const given = { environment: 'staging', target: '203.0.113.10', 'cluster-id': 'c-1', kubeconfig };
    const result = await runAction({
      ...{ action: 'dns', cwd: workspace, env },
      inputs: { ...given, 'cloudflare-api-token': 'cloudflare-token', ...inputs },
    });
    const requests = server.requests.slice(from).map(({ method, url }) => `${method} ${url}`);
    return { ...result, requests };
  }

  return {
    ...{ run, api, dns },
    cluster: () => cluster,
    hub: () => hub,
    server: () => server,
  };
}

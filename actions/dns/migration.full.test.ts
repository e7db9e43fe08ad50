import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Cloudflare, cloudflare } from '../../sandbox/cloudflare/index.ts';
import { type ControlPlane, controlPlane } from '../../sandbox/control-plane/index.ts';
import { openEgress } from '../../sandbox/egress.ts';
import { openRun } from '../../sandbox/run.ts';
import { runAction } from '../../sandbox/runner.ts';
import { tool } from '../../sandbox/tools/build.ts';

/* A zone that the real external-dns has filled becomes ours, whatever it was told to call its TXT records. */

const run = openRun();
const workspace = join(run.folder, 'workspace');
const kubeconfig = join(run.folder, 'kubeconfig');
let cluster: ControlPlane;
let externalDns = '';

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'ingressroutes.traefik.io' },
  spec: {
    group: 'traefik.io',
    names: {
      kind: 'IngressRoute',
      listKind: 'IngressRouteList',
      plural: 'ingressroutes',
      singular: 'ingressroute',
    },
    scope: 'Namespaced',
    versions: [
      {
        ...{ name: 'v1alpha1', served: true, storage: true },
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};
const targets = '203.0.113.10,2001:db8::10';
const ingress = (name: string, ...hosts: string[]) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: {
    name,
    namespace: 'default',
    annotations: { 'external-dns.alpha.kubernetes.io/target': targets },
  },
  spec: {
    rules: hosts.map(host => ({ host })),
    defaultBackend: { service: { name, port: { number: 80 } } },
  },
});
const ingresses = '/apis/networking.k8s.io/v1/namespaces/default/ingresses';

beforeAll(async () => {
  mkdirSync(workspace);
  externalDns = await tool('external-dns');
  cluster = await controlPlane(run, { name: 'migration' });
  await api('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition);
  const routes = '/apis/traefik.io/v1alpha1/ingressroutes';
  await vi.waitFor(async () => expect((await cluster.api('GET', routes)).status).toBe(200), 20_000);
  await api('POST', ingresses, ingress('web', 'shop.example.com', '*.wild.example.com'));
  await api('POST', ingresses, ingress('gone', 'gone.example.com'));
  const subject = { user: 'dns', groups: ['system:masters'], ttlSeconds: 3600 };
  writeFileSync(kubeconfig, await cluster.kubeconfig(subject));
});
afterAll(() => run.close());

async function api(method: string, path: string, body?: unknown): Promise<void> {
  const { status } = await cluster.api(method, path, body);
  expect([200, 201, 202]).toContain(status);
}

/** `external-dns --once`, as it stands in a cluster. Gives its log. */
async function old(server: Cloudflare, ...flags: string[]): Promise<string> {
  const always = ['--once', '--provider=cloudflare', '--source=ingress', '--registry=txt', '--policy=sync'];
  const where = [
    `--kubeconfig=${kubeconfig}`,
    '--domain-filter=example.com',
    '--managed-record-types=A',
    '--managed-record-types=AAAA',
  ];
  const env = {
    HOME: run.folder,
    CF_API_TOKEN: 'cloudflare-token',
    CLOUDFLARE_BASE_URL: `${server.url}/client/v4`,
  };
  const { stdout, stderr } = await promisify(execFile)(externalDns, [...always, ...where, ...flags], { env });
  return stdout + stderr;
}

const key = 'abcdefghijklmnopqrstuvwxyz012345';
const records = (server: Cloudflare) =>
  server
    .zone('example.com')
    .records.map(({ name, type, content, comment }) => ({ name, type, content, comment }));
const addresses = (server: Cloudflare) =>
  records(server)
    .filter(({ type }) => type !== 'TXT')
    .map(({ name, type, content }) => `${name} ${type} ${content}`)
    .sort();

test.each<[string, string[], Record<string, string>]>([
  ['no prefix', [], {}],
  ['a prefix', ['--txt-prefix=x-'], { 'txt-prefix': 'x-' }],
  ['a label before', ['--txt-prefix=%{record_type}._dns.'], { 'txt-prefix': '%{record_type}._dns.' }],
  ['a suffix', ['--txt-suffix=-x'], { 'txt-suffix': '-x' }],
  ['the type in a suffix', ['--txt-suffix=-%{record_type}-x'], { 'txt-suffix': '-%{record_type}-x' }],
  [
    'another first label for wildcards',
    ['--txt-prefix=x-', '--txt-wildcard-replacement=any'],
    { 'txt-prefix': 'x-', 'txt-wildcard-replacement': 'any' },
  ],
  [
    'encryption',
    ['--txt-prefix=x-', '--txt-encrypt-enabled', `--txt-encrypt-aes-key=${key}`],
    { 'txt-prefix': 'x-', 'txt-encrypt-aes-key': key },
  ],
])(
  'with %s, its records become ours in one call, and its own next run changes nothing',
  async (_, flags, inputs) => {
    const server = await cloudflare({ zones: [{ name: 'example.com' }] });
    const egress = await openEgress(run, [{ host: 'api.cloudflare.com', target: server.url }]);
    const path = [dirname(await tool('kubectl')), process.env.PATH].join(delimiter);
    const dns = (more: Record<string, string>) =>
      runAction({
        ...{ action: 'dns', cwd: workspace, env: { ...run.environment(egress.environment), PATH: path } },
        inputs: {
          ...{ owner: 'shop', zones: 'example.com', target: targets, kubeconfig },
          ...{ 'cloudflare-api-token': 'cloudflare-token', ...inputs, ...more },
        },
      });
    try {
      await old(server, '--txt-owner-id=old', ...flags);
      const before = addresses(server);
      expect(before).toHaveLength(6);
      expect(records(server)).toHaveLength(12);

      // An owner that is not listed keeps what it has.
      const untouched = server.zone('example.com').text;
      const wrong = await dns({ 'txt-owners': 'another' });
      expect(wrong.code).toBe(1);
      expect(wrong.annotations).toHaveLength(3);
      expect(wrong.annotations[0]?.message).toMatch(
        /^gone.example.com: .*external-dns keeps for ingress\/default\/gone/,
      );
      expect(server.zone('example.com').text).toBe(untouched);

      // What the cluster does not have any more stays external-dns's.
      await api('DELETE', `${ingresses}/gone`);
      const from = server.requests.length;
      const moved = await dns({ 'txt-owners': 'old' });
      expect(moved.log).toContain('shop: 4 records changed, 4 deleted in example.com');
      expect(moved.code).toBe(0);
      expect(server.requests.slice(from).map(({ method }) => method)).toEqual(['GET', 'GET', 'POST']);
      expect(addresses(server)).toEqual(before);
      const left = records(server).filter(({ comment }) => !comment?.startsWith('slipway shop@'));
      expect(left.map(({ type }) => type).sort()).toEqual(['A', 'AAAA', 'TXT', 'TXT']);
      expect((await dns({ 'txt-owners': 'old' })).log).toContain('nothing to change, 4 as wished');

      // It takes back what is its own, and finds nothing else that is.
      await old(server, '--txt-owner-id=old', ...flags);
      expect(addresses(server)).toEqual(before.filter(line => !line.startsWith('gone.')));
      expect(records(server).every(({ comment }) => comment?.startsWith('slipway shop@'))).toBe(true);
      expect(server.complaints).toEqual([]);
    } finally {
      await cluster.api('POST', ingresses, ingress('gone', 'gone.example.com'));
      await egress.close();
      await server.close();
    }
  },
);

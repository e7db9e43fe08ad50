import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { clusterHash, format } from '../../lib/dns/marker.ts';
import { type Cloudflare, cloudflare } from '../../sandbox/cloudflare/index.ts';
import { type Egress, openEgress } from '../../sandbox/egress.ts';
import { exoscaleStandIn } from '../../sandbox/exoscale/index.ts';
import { remembered } from '../../sandbox/exoscale/testing.ts';
import { openRun } from '../../sandbox/run.ts';
import { runAction } from '../../sandbox/runner.ts';
import { tool } from '../../sandbox/tools/build.ts';

const run = openRun();
const workspace = join(run.folder, 'workspace');
const files: Record<string, string> = {
  'platform.yaml': `
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
`,
  'manifests/kustomization.yaml': 'namespace: shop\nresources: [web.yaml, ui.yaml]\n',
  'manifests/web.yaml': `
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: { name: web }
spec: { routes: [{ kind: Rule, match: "Host(\`web.example.com\`) || Host(\`new.example.com\`)" }] }
`,
  'manifests/ui.yaml': `
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: ui }
spec: { source: { repoURL: https://github.com/acme/ui, path: deploy } }
`,
  'broken/web.yaml': 'spec: [1,\n',
};
const comment = format({ owner: 'shop', cluster: clusterHash('c-1'), source: 'IngressRoute shop/web' });
const records = [
  { type: 'A', name: 'web.example.com', content: '203.0.113.10', comment },
  { type: 'A', name: 'ui.example.com', content: '203.0.113.10', comment },
];

let server: Cloudflare;
let egress: Egress;

beforeAll(async () => {
  await tool('kubectl');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(workspace, name)), { recursive: true });
    writeFileSync(join(workspace, name), text);
  }
});
afterAll(() => run.close());

beforeEach(async () => {
  server = await cloudflare({ zones: [{ name: 'example.com', records }] });
  egress = await openEgress(run, [{ host: 'api.cloudflare.com', target: server.url }]);
  return async () => {
    await egress.close();
    await server.close();
    expect([server.complaints, egress.refused]).toEqual([[], []]);
    expect(server.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
  };
});

async function dns(inputs: Record<string, string>, { environment } = egress) {
  const path = [dirname(await tool('kubectl')), process.env.PATH].join(delimiter);
  return runAction({
    ...{ action: 'dns', cwd: workspace, env: { ...run.environment(environment), PATH: path } },
    inputs: {
      ...{ environment: 'staging', target: '203.0.113.10', 'cluster-id': 'c-1', manifests: 'manifests' },
      ...{ 'cloudflare-api-token': 'cloudflare-token', ...inputs },
    },
  });
}

test('a dry run of manifests needs no cluster, and says what it has not seen', async () => {
  const { code, log } = await dns({ 'dry-run': 'true' });
  expect(log).toContain(`DNS of example.com: 1 to create, 1 held, 1 as wished

+ new.example.com  A  203.0.113.10  IngressRoute shop/web

! ui.example.com  held: nothing in manifests claims it, and not all is seen

Not seen, so no name is let go:
  Application shop/ui: it is in another repository, https://github.com/acme/ui`);
  expect(code).toBe(0);
});

test('the status shows each host, its object, its record and how it stands', async () => {
  const { code, log, summary, outputs } = await dns({ status: 'true' });
  expect(log).toContain(`DNS of staging: 2 of 3 hosts not as wished

  Host             Object                 Record          State
! new.example.com  IngressRoute shop/web  none            missing: to be A 203.0.113.10
! ui.example.com   none                   A 203.0.113.10  waits: nothing in manifests claims it, and not all is seen
  web.example.com  IngressRoute shop/web  A 203.0.113.10  as wished`);
  expect(summary).toContain('| web.example.com | IngressRoute shop/web | A 203.0.113.10 | as wished |');
  expect(JSON.parse(outputs.status ?? '')).toMatchObject([
    ...[{ state: 'missing' }, { state: 'waits' }, { state: 'as wished' }],
  ]);
  expect(code).toBe(0);
});

test('an environment that is not built yet has no records, and its hosts wait for its load balancer', async () => {
  const credentials = { key: 'EXOkey', secret: 'exoscale-secret' };
  const exoscale = await exoscaleStandIn({ ...credentials, ...remembered() });
  const outside = await openEgress(run, [
    { host: '*.exoscale.com', target: exoscale.url },
    { host: 'api.cloudflare.com', target: server.url },
  ]);
  try {
    const asked = { target: '', 'cluster-id': '', 'dry-run': 'true' };
    const keys = { 'exoscale-api-key': credentials.key, 'exoscale-api-secret': credentials.secret };
    const { log } = await dns({ ...asked, ...keys }, outside);
    expect(log).toContain(
      '! new.example.com  held: IngressRoute shop/web: the load balancer shop-staging, which is to take it, is not built yet',
    );
    expect(log).toContain('! web.example.com  conflict: there is A 203.0.113.10, which another cluster');
    expect(exoscale.complaints).toEqual([]);

    const { code, annotations } = await dns(asked, outside);
    expect(code).toBe(1);
    expect(annotations.map(({ message }) => message)).toEqual([
      '"target", "cluster-id" would be asked of Exoscale, which needs EXOSCALE_API_KEY and EXOSCALE_API_SECRET: give both, or those inputs',
    ]);
  } finally {
    await outside.close();
    await exoscale.close();
  }
});

test('without platform.yaml it is not known which Applications are of this repository', async () => {
  const none = { environment: '', owner: 'shop', zones: 'example.com', 'dry-run': 'true' };
  const nobody = await dns({ ...none, owner: '', 'cluster-id': '' });
  expect(nobody.annotations.map(({ message }) => message.split(':')[0])).toEqual([
    'Inputs "environment" and "cluster-id" are missing',
    'Input "owner" is missing',
  ]);
  const { code, log } = await dns(none);
  expect(code).toBe(0);
  expect(log).toContain('+ new.example.com  A  203.0.113.10  IngressRoute shop/web');
});

test('all that is wrong with the inputs is said at once, before anything is asked for', async () => {
  const given = { sources: 'ingres', target: 'a/b/c', resolver: 'dns.example.com', manifests: 'nowhere' };
  const { code, annotations } = await dns(given);
  expect(code).toBe(1);
  expect(annotations.map(({ message }) => message)).toEqual([
    'There is no folder nowhere: name the one that holds your manifests in the input "manifests"',
    'There is no source "ingres" to take hosts from: did you mean "ingress"?',
    'The target "a/b/c" is no Service: write NAMESPACE/NAME, such as traefik/traefik',
    'The resolver "dns.example.com" is no address of a DNS server: give one such as 1.1.1.1 or 127.0.0.1:5353',
    'Input "resolver" is asked for the status only: add status, or leave it out',
    'Manifests say what is to be, not what runs, so no record is written from them: add dry-run or status',
  ]);
  expect(server.requests).toEqual([]);
});

test.each<[string, Record<string, string>, RegExp]>([
  ['a folder that is not there', { manifests: 'nowhere', status: 'true' }, /^There is no folder nowhere/],
  ['a broken file', { manifests: 'broken', status: 'true' }, /^This is not valid YAML/],
])('%s is refused in a sentence', async (_, inputs, message) => {
  const { code, annotations } = await dns(inputs);
  expect(code).toBe(1);
  expect(annotations.find(({ level }) => level === 'error')?.message).toMatch(message);
});

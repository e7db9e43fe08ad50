import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openRun } from '../../../sandbox/run.ts';
import { tool } from '../../../sandbox/tools/build.ts';
import type { UserErrors } from '../../runner/errors.ts';
import { terminalRunner } from '../../runner/terminal.ts';
import { observeManifests } from '../observe.ts';
import { parseSources } from '../sources.ts';
import { parseTargets } from '../target.ts';

const run = openRun();
const runner = terminalRunner();
afterAll(() => run.close());
beforeAll(async () => {
  vi.stubEnv('PATH', [dirname(await tool('kubectl')), process.env.PATH].join(delimiter));
});

let count = 0;
/** A checkout with these files. */
async function checkout(files: Record<string, string>): Promise<string> {
  const root = join(run.folder, `checkout-${count++}`);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

async function seen(root: string, folder: string) {
  const whence = { folder: join(root, folder), root, repository: 'https://github.com/acme/platform' };
  const sources = parseSources('ingress ingressroute httproute service');
  const found = await observeManifests(runner, whence, sources, { targets: parseTargets('203.0.113.1') });
  return {
    claims: found.claims.map(({ name, source }) => `${name} ${source}`).sort(),
    unreadable: found.unreadable.map(({ source, reason }) => `${source}: ${reason}`),
    notes: found.notes,
    unseen: (found.unseen ?? []).map(each => each.replaceAll(root, '…')).sort(),
  };
}

const ingress = (host: string, metadata = '{ name: web }') =>
  `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: ${metadata}\nspec:\n  rules: [{ host: ${host} }]\n`;
const application = (name: string, source: string, destination = '{ namespace: shop }') =>
  `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: { name: ${name}, namespace: argocd }\nspec:\n  destination: ${destination}\n  source: ${source}\n`;

test('plain files: several documents, lists, generated names, and whatever else lies about', async () => {
  const root = await checkout({
    'all/a.yaml': `${ingress('a.example.com')}---\n---\n${ingress('b.example.com', '{ name: b, namespace: shop }')}`,
    'all/deep/er/list.yml': `apiVersion: v1\nkind: List\nitems:\n${[ingress('c.example.com', '{ generateName: c- }'), ingress('d.example.com', '{ generateName: c- }')].map(text => `- ${text.trim().replaceAll('\n', '\n  ')}\n`).join('')}`,
    'all/values.yaml': 'replicas: 3\n',
    'all/patch.yaml': '- { op: replace }\n',
    'all/empty.yaml': '# nothing\n',
    'all/other.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: x }\n',
    'all/wrong.yaml':
      'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: wrong }\nspec: { rules: { host: e.example.com } }\n',
    'all/notes.txt': '{{ no YAML',
    'all/.hidden/a.yaml': ingress('hidden.example.com'),
    'all/node_modules/a.yaml': ingress('module.example.com'),
    'all/chart/Chart.yaml': 'name: chart\n',
    'all/chart/templates/a.yaml': '{{ no YAML',
  });
  expect(await seen(root, 'all')).toEqual({
    claims: [
      ...['a.example.com Ingress default/web', 'b.example.com Ingress shop/b'],
      ...['c.example.com Ingress default/c-*', 'd.example.com Ingress default/c-*'],
    ],
    unreadable: ['Ingress default/wrong: its spec.rules must be array'],
    notes: [],
    unseen: ['…/all/chart: it is a Helm chart'],
  });
});

test('kustomizations are rendered, each that no other takes in, and their files are not read besides', async () => {
  const root = await checkout({
    'app/base/kustomization.yaml': 'resources: [web.yaml]\n',
    'app/base/web.yaml': ingress('base.example.com'),
    'app/base/unused.yaml': ingress('unused.example.com'),
    'app/part/kustomization.yaml':
      'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ncommonAnnotations: { external-dns.kubernetes.io/ttl: "300" }\n',
    'app/overlays/staging/kustomization.yaml':
      'namespace: shop\nresources: [../../base]\ncomponents: [../../part]\npatches:\n- target: { kind: Ingress }\n  patch: |\n    - { op: replace, path: /spec/rules/0/host, value: staging.example.com }\n',
    'app/overlays/production/Kustomization': 'nameSuffix: -prod\nresources: [../../base/]\n',
  });
  expect(await seen(root, '.')).toEqual({
    claims: ['base.example.com Ingress default/web-prod', 'staging.example.com Ingress shop/web'],
    unreadable: [],
    notes: [],
    unseen: [],
  });
});

test("Argo CD's Applications are followed within the repository, with what they change, and named beyond it", async () => {
  const here = 'repoURL: git@github.com:Acme/platform.git';
  const root = await checkout({
    'environments/staging/kustomization.yaml': 'namespace: argocd\nresources: [all.yaml]\n',
    'environments/staging/all.yaml': [
      application('root', `{ ${here}, path: environments/staging }`),
      application('ui', '{ repoURL: https://github.com/acme/ui, path: deploy }'),
      application('plain', `{ ${here}, path: plain }`),
      application('elsewhere', `{ ${here}, path: plain }`, '{ server: https://other.example.com }'),
      application('gone', `{ ${here}, path: gone }`),
      application('out', `{ ${here}, path: ../outside }`),
      application('chart', '{ repoURL: https://charts.example.com, chart: thing }'),
      application(
        'web',
        `{ ${here}, path: services/web/deploy, kustomize: { images: [x:1], namePrefix: my-, patches: [{ target: { kind: ConfigMap }, patch: "- { op: replace, path: /data/HOST, value: shop.example.com }" }] } }`,
      ),
      'apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: { name: set }\n',
    ].join('---\n'),
    'plain/web.yaml': ingress('plain.example.com'),
    'plain/deep/web.yaml': ingress('deep.example.com'),
    'services/base/kustomization.yaml': 'resources: [web.yaml]\n',
    'services/base/web.yaml': ingress('base.example.com', '{ name: based }'),
    'services/web/deploy/web.yaml': ingress('shop.localhost'),
    // The host stands in one place and is copied from there: only where Argo CD writes it does it reach the Ingress.
    'services/web/deploy/kustomization.yaml': `resources: [web.yaml, ../../base]
configMapGenerator: [{ name: web, literals: [HOST=shop.localhost] }]
generatorOptions: { disableNameSuffixHash: true }
replacements:
- source: { kind: ConfigMap, name: web, fieldPath: data.HOST }
  targets: [{ select: { kind: Ingress, name: web }, fieldPaths: [spec.rules.*.host] }]
`,
  });
  expect(await seen(root, 'environments/staging')).toEqual({
    claims: [
      'base.example.com Ingress shop/my-based',
      'plain.example.com Ingress shop/web',
      'shop.example.com Ingress shop/my-web',
    ],
    unreadable: [],
    notes: [
      'Application argocd/elsewhere: it goes to another cluster, https://other.example.com, so its hosts do not count here',
    ],
    unseen: [
      'Application argocd/chart: it is the Helm chart thing of https://charts.example.com',
      'Application argocd/gone: there is no folder gone in this repository',
      'Application argocd/out: there is no folder ../outside in this repository',
      'Application argocd/ui: it is in another repository, https://github.com/acme/ui',
      'ApplicationSet argocd/set: what it generates is not known before it runs',
    ],
  });
});

test('files that are no YAML are all told, each with its place', async () => {
  const root = await checkout({
    'a.yaml': `${ingress('a.example.com')}---\nspec: [1,\n`,
    'b.yml': 'a: 1\na: 2\n',
    'c.yaml': 'a: *nothing\n',
  });
  const { errors } = (await seen(root, '.').catch(error => error)) as UserErrors;
  expect(
    errors.map(
      ({ at, message }) => `${at?.file.slice(root.length + 1)}:${at?.line}:${at?.column} ${message}`,
    ),
  ).toEqual([
    expect.stringMatching(/^a\.yaml:8:\d+ This is not valid YAML: .*\]/),
    'b.yml:2:1 This is not valid YAML: Map keys must be unique',
    expect.stringMatching(/^c\.yaml:1:\d+ This is not valid YAML: Unresolved alias/),
  ]);
});

test('a base that cannot be fetched takes nothing else with it', async () => {
  const base = 'http://127.0.0.1:1/acme/base//deploy?ref=v1';
  const root = await checkout({
    'far/kustomization.yaml': `resources: [../near, "${base}"]\n`,
    'near/kustomization.yaml': 'resources: [web.yaml]\n',
    'near/web.yaml': ingress('near.example.com'),
    'plain/web.yaml': ingress('plain.example.com'),
  });
  expect(await seen(root, '.')).toEqual({
    claims: ['plain.example.com Ingress default/web'],
    unreadable: [],
    notes: [],
    unseen: [`…/far: it takes in ${base}, which cannot be fetched from here`],
  });
});

test('a kustomization that cannot be rendered is an error', async () => {
  const root = await checkout({ 'app/kustomization.yaml': 'resources: [gone.yaml]\n' });
  await expect(seen(root, 'app')).rejects.toThrow(/^Could not render .*gone\.yaml/);
});

test('a Gateway and a route of it meet in files too', async () => {
  const root = await checkout({
    'all.yaml': `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: web, annotations: { external-dns.kubernetes.io/target: 203.0.113.9 } }
spec: { listeners: [{ name: http, port: 80, protocol: HTTP }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: a, annotations: { external-dns.kubernetes.io/ttl: 300 } }
spec: { parentRefs: [{ name: web }], hostnames: [a.example.com] }
`,
  });
  const whence = { folder: root, root, repository: 'https://github.com/acme/platform' };
  const { claims } = await observeManifests(runner, whence, ['httproute'], { targets: [] });
  expect(claims).toEqual([
    {
      name: 'a.example.com',
      source: 'HTTPRoute default/a',
      targets: parseTargets('203.0.113.9'),
      ttl: 300,
      chosen: true,
    },
  ]);
});

import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { at, groupOf, type KubernetesObject } from '../sandbox/argocd/object.ts';
import { kubeScore } from '../sandbox/manifests/kube-score.ts';
import { type rules, title, violations } from '../sandbox/manifests/policy.ts';
import { placed, type Rendered, type Renderer, renderer } from '../sandbox/manifests/render.ts';
import { openRun } from '../sandbox/run.ts';
import { upstreams } from '../sandbox/upstream/index.ts';

const run = openRun();
let render: Renderer;
let environments: Record<string, Rendered[]>;
beforeAll(async () => {
  render = await renderer(run);
  environments = {
    staging: await render.environment('staging'),
    production: await render.environment('production'),
  };
});
afterAll(async () => {
  await render?.close();
  await run.close();
});

const everything = (name: string): KubernetesObject[] => placed(environments[name] ?? []);
const one = (name: string, wanted: string): KubernetesObject => {
  const found = everything(name).filter(each => title(each) === wanted);
  expect(found, wanted).toHaveLength(1);
  return found[0] as KubernetesObject;
};

test.each(['staging', 'production'])('%s keeps every rule of ours', name => {
  expect(everything(name).length).toBeGreaterThan(150);
  expect(violations(everything(name))).toEqual([]);
});

const product = 'Deployment shop/product';
const pod = ['spec', 'template', 'spec'];
const container = [...pod, 'containers', 0];
/** For each rule an edit of what is there that breaks it, and it alone: an object, a place in it, and what is put there. */
const edits: Record<keyof typeof rules, [object: string, place: (string | number)[], value: unknown]> = {
  'no privilege': [product, [...container, 'securityContext', 'privileged'], true],
  'no root': [product, [...container, 'securityContext', 'runAsNonRoot'], false],
  'no capabilities': [product, [...container, 'securityContext', 'capabilities', 'add'], ['NET_ADMIN']],
  seccomp: [product, [...pod, 'securityContext', 'seccompProfile', 'type'], 'Unconfined'],
  'read-only root': [product, [...container, 'securityContext', 'readOnlyRootFilesystem'], false],
  'a fixed image': [product, [...container, 'image'], 'ghcr.io/acme/product:latest'],
  'requests and limits': [product, [...container, 'resources', 'limits', 'memory'], undefined],
  probes: [product, [...container, 'livenessProbe'], undefined],
  'nothing of the host': [product, [...pod, 'hostNetwork'], true],
  'several have a budget and are spread': [product, [...pod, 'topologySpreadConstraints'], undefined],
  'a namespace closes itself': [
    'Namespace shop',
    ['metadata', 'labels', 'pod-security.kubernetes.io/enforce'],
    'baseline',
  ],
  'no secret in git': ['Secret argocd/argocd-secret', ['stringData'], { 'server.secretkey': 'a key' }],
  'no load balancer of its own': ['Service traefik/traefik', ['spec', 'type'], 'LoadBalancer'],
  'no administrators': ['ClusterRoleBinding traefik-cluster', ['roleRef', 'name'], 'cluster-admin'],
};
test.each(Object.entries(edits))(
  'an edit that breaks the rule "%s" is found',
  (rule, [name, place, value]) => {
    const objects = structuredClone(everything('production'));
    const object = objects.find(each => title(each) === name);
    const within = at(object, ...place.slice(0, -1)) as Record<string, unknown> | undefined;
    expect(within, `${name} has ${place.slice(0, -1).join('.')}`).toBeDefined();
    if (within) within[place.at(-1) ?? ''] = value;
    expect(violations(objects)).toMatchObject([{ rule, object: name }]);
  },
);

test('kube-score finds nothing that is not excused, and nothing is excused in vain', async () => {
  const objects = everything('production').filter(({ kind }) => kind !== 'CustomResourceDefinition');
  expect(await kubeScore(objects, run.environment())).toEqual({ findings: [], idle: [] });
});

test('environments differ in their names, their hosts, and in nothing else', () => {
  const text = (name: string) => everything(name).map(each => JSON.stringify(each));
  const same = text('staging').map(each =>
    each
      .replaceAll('staging.example.com', 'example.com')
      .replaceAll('manifests/environments/staging', 'manifests/environments/production')
      .replaceAll('"project":"staging"', '"project":"production"')
      .replaceAll('The services in staging', 'The services in production')
      // What a name is derived from: kustomize hashes a ConfigMap's content.
      .replaceAll(hash, '-HASH"'),
  );
  const other = text('production').map(each => each.replaceAll(hash, '-HASH"'));
  const differing = same.filter(each => !other.includes(each)).map(each => title(JSON.parse(each)));
  expect(differing).toEqual(['AppProject argocd/staging']);
  expect(same).toHaveLength(other.length);
  expect(
    text('production')
      .filter(each => each.includes('staging') && !each.includes('"CustomResourceDefinition"'))
      .map(each => title(JSON.parse(each))),
  ).toEqual([
    // Let's Encrypt's own.
    'ClusterIssuer letsencrypt-staging',
    'Certificate traefik/rehearsal',
  ]);
});
const hash = /-[a-z0-9]{10}"/g;

test.each(['staging', 'production'])('the projects of %s allow what is there, and no more', name => {
  const projects = everything(name).filter(({ kind }) => kind === 'AppProject');
  expect(projects.map(({ metadata }) => metadata.name).sort()).toEqual(['default', name, 'platform'].sort());
  const applications = everything(name).filter(({ kind }) => kind === 'Application');
  for (const project of projects) {
    const own = applications.filter(({ spec }) => at(spec, 'project') === project.metadata.name);
    const sources = own.map(({ spec }) => at(spec, 'source', 'repoURL'));
    expect(new Set(at(project, 'spec', 'sourceRepos') as string[])).toEqual(new Set(sources));
    const namespaces = own.map(({ spec }) => at(spec, 'destination', 'namespace'));
    const destinations = at(project, 'spec', 'destinations') as { namespace: string; server: string }[];
    expect(new Set(destinations.map(({ namespace }) => namespace))).toEqual(new Set(namespaces));
    expect(destinations.every(({ server }) => server === 'https://kubernetes.default.svc')).toBe(true);

    const names = own.map(({ metadata }) => metadata.name);
    const brought = (environments[name] ?? [])
      .filter(({ application }) => names.includes(application))
      .flatMap(each => placed([each]));
    const kinds = (within: boolean) =>
      new Set(
        brought
          .filter(({ metadata }) => (metadata.namespace !== undefined) === within)
          .map(({ apiVersion, kind }) => `${groupOf(apiVersion)}/${kind}`),
      );
    const allowed = (field: string) =>
      new Set(
        ((at(project, 'spec', field) ?? []) as { group: string; kind: string }[]).map(
          ({ group, kind }) => `${group}/${kind}`,
        ),
      );
    expect(allowed('clusterResourceWhitelist')).toEqual(kinds(false));
    expect(allowed('namespaceResourceWhitelist')).toEqual(kinds(true));
  }
});

test('what an environment sets has arrived: hosts in routes, the origin in CORS, the domain in the certificates', () => {
  expect(
    at(one('staging', 'Middleware shop/cors'), 'spec', 'headers', 'accessControlAllowOriginList'),
  ).toEqual(['https://shop.staging.example.com']);
  for (const name of ['default', 'rehearsal']) {
    const certificate = one('staging', `Certificate traefik/${name}`);
    expect(at(certificate, 'spec', 'dnsNames')).toEqual(['staging.example.com', '*.staging.example.com']);
  }
  const routes = at(one('production', 'IngressRoute shop/ui'), 'spec', 'routes') as { match: string }[];
  expect(routes.map(({ match }) => match)).toEqual(['Host(`shop.example.com`)']);
});

test('every route of the services is limited and knows who may pass, in this order', () => {
  const routes = everything('production')
    .filter(({ kind }) => kind === 'IngressRoute')
    .flatMap(({ spec }) => at(spec, 'routes') as { match: string; middlewares: { name: string }[] }[]);
  expect(
    Object.fromEntries(routes.map(({ match, middlewares }) => [match, middlewares.map(each => each.name)])),
  ).toEqual({
    'Host(`shop.example.com`)': ['rate-limit', 'anonymous'],
    'Host(`api.example.com`) && PathPrefix(`/auth/`)': ['cors', 'rate-limit', 'anonymous'],
    'Host(`api.example.com`) && (PathPrefix(`/auth/users`) || PathPrefix(`/auth/audit-log`))': [
      ...['cors', 'rate-limit', 'auth-admin'],
    ],
    'Host(`api.example.com`) && PathPrefix(`/products`) && (Method(`GET`) || Method(`HEAD`))': [
      ...['cors', 'rate-limit', 'anonymous'],
    ],
    'Host(`api.example.com`) && PathPrefix(`/products`)': ['cors', 'rate-limit', 'auth-admin'],
    'Host(`api.example.com`) && PathPrefix(`/orders`)': ['cors', 'rate-limit', 'auth'],
    'Host(`api.example.com`) && PathPrefix(`/stock-ledger`)': ['cors', 'rate-limit', 'auth-admin'],
  });
  const header = (name: string) => at(one('production', `Middleware shop/${name}`), 'spec');
  const identity = at(header('auth'), 'forwardAuth', 'authResponseHeaders') as string[];
  const alike = at(header('auth'), 'forwardAuth', 'authResponseHeadersRegex') as string;
  expect(at(header('auth-admin'), 'forwardAuth')).toMatchObject({
    ...{ authResponseHeaders: identity, authResponseHeadersRegex: alike },
  });
  // Go's (?i) is JavaScript's i.
  const pattern = new RegExp(alike.replace('(?i)', ''), 'i');
  const spellings = identity.flatMap(name => ['--', '-_', '_-', '__'].map(each => spelt(name, each)));
  expect(spellings.filter(name => !pattern.test(name))).toEqual([]);
  const blanked = at(header('anonymous'), 'headers', 'customRequestHeaders') as Record<string, string>;
  expect(Object.keys(blanked).sort()).toEqual(spellings.sort());
  expect(new Set(Object.values(blanked))).toEqual(new Set(['']));
});

/** `X-Auth-User` with these two dashes. */
const spelt = (name: string, dashes: string): string => {
  const [x, auth, what] = name.split('-');
  return `${x}${dashes[0]}${auth}${dashes[1]}${what}`;
};

test('Traefik of the pinned version knows every argument; of those for a newer one it knows none', async () => {
  const [traefik] = await upstreams(['traefik/traefik']);
  const path = 'docs/content/reference/install-configuration/configuration-options.md';
  const options = await readFile(join(traefik?.folder ?? '', path), 'utf8');
  const known = [...options.matchAll(/^\| <a id="[^"]*"[^>]*>([^<]+)<\/a>/gm)].map(
    ([, name = '']) => new RegExp(`^${name.replaceAll('.', '\\.').replaceAll(/_\w+_/g, '[^.]+')}$`, 'i'),
  );
  const unknown = (args: unknown) =>
    (args as string[]).filter(each => {
      const name = each.replace(/^--|=.*$/g, '');
      return !known.some(pattern => pattern.test(name));
    });
  const args = (object: KubernetesObject | undefined) =>
    at(object, 'spec', 'template', 'spec', 'containers', 0, 'args');
  expect(unknown(args(one('production', 'Deployment traefik/traefik')))).toEqual([]);
  const folder = await changed('platform/traefik/kustomization.yaml', '# - ../newer', '- ../newer');
  const newer = find(await render.folder(join(folder, 'platform/traefik')), 'Deployment', 'traefik');
  expect(unknown(args(newer))).toEqual(['--entrypoints.websecure.http.aliasheadersstrategy=reject']);
});

/** A copy of the manifests in which one text of a file is another. */
async function changed(file: string, from: string | RegExp, to: string): Promise<string> {
  const copy = join(run.folder, `changed-${copies++}`);
  await cp(import.meta.dirname, join(copy, 'manifests'), { recursive: true });
  const path = join(copy, 'manifests', file);
  const text = await readFile(path, 'utf8');
  expect(text).toMatch(from);
  await writeFile(path, text.replace(from, to));
  return join(copy, 'manifests');
}
let copies = 0;
const find = (objects: KubernetesObject[], kind: string, name: string) =>
  objects.find(each => each.kind === kind && each.metadata.name === name);

test('what is prepared and not applied can be switched on: single sign-on and notifications', async () => {
  const before = await render.folder(join(import.meta.dirname, 'argocd'));
  expect(find(before, 'Deployment', 'argocd-notifications-controller')).toBeUndefined();
  expect(find(before, 'Deployment', 'argocd-dex-server')).toBeUndefined();
  expect(find(before, 'ConfigMap', 'argocd-cm')?.data).not.toHaveProperty('oidc.config');

  const folder = await changed('argocd/kustomization.yaml', '# - oidc', '- oidc');
  const file = join(folder, 'argocd/kustomization.yaml');
  await writeFile(file, (await readFile(file, 'utf8')).replace('- without-notifications', '- notifications'));
  const after = await render.folder(join(folder, 'argocd'));
  expect(at(find(after, 'ConfigMap', 'argocd-cm'), 'data', 'oidc.config')).toContain('clientID: argocd');
  expect(find(after, 'ConfigMap', 'argocd-notifications-cm')?.data).toHaveProperty(['trigger.on-degraded']);
  const all = placed([{ application: 'argocd', namespace: 'argocd', objects: after }]);
  expect(violations(all)).toEqual([]);
});

test('the newer Traefik and the proxied hosts: their components land on what they are for', async () => {
  const shop = await changed('platform/shop/kustomization.yaml', /# - (?=\.\.|proxied)/g, '- ');
  const objects = await render.folder(join(shop, 'platform/shop'));
  const spec = (name: string) => find(objects, 'Middleware', name)?.spec;
  expect(spec('auth')).toMatchObject({ forwardAuth: { maxResponseBodySize: 65536 } });
  expect(spec('auth-admin')).toMatchObject({ forwardAuth: { maxResponseBodySize: 65536 } });
  expect(spec('rate-limit')).toMatchObject({ rateLimit: { sourceCriterion: { ipStrategy: { depth: 1 } } } });
});

import { argocd, expectSuccess, type Files, until, type World } from './world.ts';

export const kustomization = (...resources: string[]) => `resources: [${resources.join(', ')}]\n`;

export const map = (name: string, data: object, annotations: object = {}) =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, annotations }, data });

export const service = (name: string, port: number) =>
  JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports: [{ port }] } });

export const deployment = (name: string, more: object = {}) =>
  JSON.stringify({
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name } },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'main', image: 'example.com/web' }], ...more },
      },
    },
  });

export const wave = (number: number) => ({ 'argocd.argoproj.io/sync-wave': String(number) });

export const finalizers = ['resources-finalizer.argocd.argoproj.io'];

export interface Wish {
  name?: string;
  url: string;
  path?: string;
  revision?: string;
  kustomize?: object;
  syncPolicy?: object;
  finalizers?: string[];
  annotations?: object;
  destination?: string;
}

export function application(namespace: string, wish: Wish) {
  const { name = 'app', url, path = '.', revision = 'main', kustomize, annotations = {} } = wish;
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: {
      name: `${namespace}-${name}`,
      namespace: 'argocd',
      annotations,
      finalizers: wish.finalizers ?? [],
    },
    spec: {
      project: namespace,
      destination: { server: 'https://kubernetes.default.svc', namespace: wish.destination ?? namespace },
      source: { repoURL: url, path, targetRevision: revision, ...(kustomize && { kustomize }) },
      syncPolicy: {
        syncOptions: ['ServerSideApply=true'],
        retry: { limit: 0 },
        ...(wish.syncPolicy ?? { automated: { prune: true, selfHeal: true } }),
      },
    },
  };
}

export const applicationPath = (world: World, name = 'app') =>
  `${argocd}/applications/${world.namespace}-${name}`;

export const apply = (world: World, wish: Wish) =>
  expectSuccess(world.api('POST', `${argocd}/applications`, application(world.namespace, wish)));

export const patch = (world: World, path: string, change: object) =>
  expectSuccess(world.api('PATCH', path, change));

export const refresh = (world: World, name?: string) =>
  patch(world, applicationPath(world, name), {
    metadata: { annotations: { 'argocd.argoproj.io/refresh': 'normal' } },
  });

export const sees = (world: World, line: string) => until(world, line, lines => lines.includes(line));

export const synced = 'Application app Synced Healthy Succeeded';
export const one = {
  'kustomization.yaml': kustomization('one.yaml'),
  'one.yaml': map('one', { colour: 'blue' }),
};
export const oneBlue = 'ConfigMap one {"colour":"blue"}';

/** A service as ours are: the host stands in one place, and the image has no version. */
export const web: Files = {
  'deploy/kustomization.yaml': `resources: [web.yaml, text.yaml]
configMapGenerator: [{ name: web, literals: [HOST=web.localhost] }]
replacements:
  - source: { kind: ConfigMap, name: web, fieldPath: data.HOST }
    targets:
      - select: { kind: ConfigMap, name: text }
        fieldPaths: [data.rule]
        options: { delimiter: '"', index: 1 }
`,
  'deploy/web.yaml': deployment('web'),
  'deploy/text.yaml': map('text', { rule: 'Host("web.localhost") && "x"' }),
};
export const pinned = (version: string, host: string) => ({
  images: [`example.com/web:${version}`],
  patches: [
    {
      target: { kind: 'ConfigMap', name: 'web' },
      patch: `- { op: replace, path: /data/HOST, value: ${host} }`,
    },
  ],
});

import { cp } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Source } from '../argocd/application.ts';
import { commands } from '../argocd/commands.ts';
import { build } from '../argocd/kustomize.ts';
import type { KubernetesObject } from '../argocd/object.ts';
import { openEgress } from '../egress.ts';
import { type GitHub, github } from '../github/index.ts';
import type { Environment, Run } from '../run.ts';
import { tool } from '../tools/build.ts';
import { type Upstream, upstreams } from '../upstream/index.ts';

const root = dirname(dirname(import.meta.dirname));

export interface Renderer {
  /** What the checkout's manifests are, with `manifests` and `services` in it; a copy may be given instead. */
  environment(name: string, checkout?: string): Promise<Rendered[]>;
  /** One folder, as `kubectl kustomize` has it. */
  folder(path: string): Promise<KubernetesObject[]>;
  /** With it kubectl and git reach what stands for GitHub. */
  env: Environment;
  hub: GitHub;
  close(): Promise<void>;
}

/** What one Application brings, and for the environment itself, its Applications and projects, `root`. */
export interface Rendered {
  application: string;
  /** Where its namespaced objects go. */
  namespace: string;
  objects: KubernetesObject[];
}

/**
 * Renders manifests as Argo CD does: an environment's folder first, then the source of every Application in it, with the
 * images and patches that the Application says. Upstream's come from a GitHub on this machine.
 * @param mirrored the repositories of others; those that the manifests name unless told
 */
export async function renderer(run: Run, mirrored?: Upstream[]): Promise<Renderer> {
  const hub = await github(run);
  const all = ['argoproj/argo-cd', 'traefik/traefik', 'cert-manager/cert-manager'] as const;
  for (const { repository, folder, tag } of mirrored ?? (await upstreams(all)))
    await hub.mirror(repository, folder, tag);
  const egress = await openEgress(run, [{ host: 'github.com', target: hub.url }]);
  const env = run.environment(egress.environment);
  const kubectl = await tool('kubectl');
  const children = commands(env);
  let copies = 0;

  async function environment(name: string, checkout = root): Promise<Rendered[]> {
    const copy = join(run.folder, `checkout-${copies++}`);
    for (const folder of ['manifests', 'services'])
      await cp(join(checkout, folder), join(copy, folder), {
        recursive: true,
        filter: path => basename(path) !== 'node_modules',
      });
    const render = (tree: string, source: Source) => build(children, kubectl, tree, source);
    const own = await render(copy, { path: `manifests/environments/${name}` } as Source);
    const applications = own.filter(
      ({ kind, metadata }) => kind === 'Application' && metadata.name !== 'root',
    );
    const brought = await Promise.all(
      applications.map(async application => {
        const { source, destination } = application.spec as Spec;
        const service = basename(source.repoURL);
        const tree = source.path?.startsWith('manifests/') ? copy : join(copy, 'services', service);
        return {
          application: application.metadata.name,
          namespace: destination.namespace,
          objects: await render(tree, source),
        };
      }),
    );
    return [{ application: 'root', namespace: 'argocd', objects: own }, ...brought];
  }

  return {
    environment,
    folder: path => build(children, kubectl, dirname(path), { path: basename(path) } as Source),
    env,
    hub,
    async close() {
      await Promise.all([hub.close(), egress.close()]);
    },
  };
}

/** Everything of an environment, each in its namespace. */
export const placed = (all: readonly Rendered[]): KubernetesObject[] =>
  all.flatMap(({ namespace, objects }) =>
    objects.map(object => {
      if (isOfCluster(object)) return object;
      return { ...object, metadata: { namespace, ...object.metadata } };
    }),
  );

const isOfCluster = ({ kind }: KubernetesObject): boolean =>
  /^(Namespace|Cluster.*|CustomResourceDefinition|IngressClass|.*WebhookConfiguration)$/.test(kind);

interface Spec {
  source: Source;
  destination: { namespace: string };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { type Argo, applicationKey } from './argo.ts';
import { type Cluster, connect, pathOf } from './cluster.ts';
import { controller } from './controller.ts';
import { differ } from './differ.ts';
import { type Live, live } from './live.ts';
import { at, groupOf, type KubernetesObject, number, trackedBy } from './object.ts';
import type { RepoServer } from './repo-server.ts';

export interface ArgocdStandIn {
  close(): Promise<void>;
}

const namespace = 'argocd';
/** How often every Application is looked at without a reason, in milliseconds. */
const refreshEvery = 2000;

/**
 * Plays Argo CD's application controller for one cluster whose pods do not really run: from the moment the
 * cluster's own `argocd-application-controller` is ready, it does to Applications what the real one does. It knows sources
 * of one repository with a kustomization, and only this cluster as destination. Unlike the real one it has no hooks but
 * PreSync, no sync windows, no ApplicationSets, and no credentials for repositories.
 *
 * @param kubeconfig a file with embedded certificates, good for as long as this runs
 * @param repoServer which may serve other clusters too
 */
export async function argocdStandIn(kubeconfig: string, repoServer: RepoServer): Promise<ArgocdStandIn> {
  const closing = new AbortController();
  const { signal } = closing;
  const cluster = await connect(kubeconfig);
  const controllers = new Map<string, ReturnType<typeof controller>>();
  let changed: (object: KubernetesObject) => void = () => {};
  const cache = live(cluster, signal, object => changed(object));

  async function play(): Promise<void> {
    const { applications, projects } = await installed(cluster, cache, signal);
    const live = { cluster, live: cache, differ: differ(cluster) };
    const argo: Argo = { ...live, repoServer, namespace, applications, signal };
    const look = (name: string) => {
      const known = controllers.get(name) ?? controller(argo, name);
      controllers.set(name, known);
      known.look();
    };
    const names = () => [...cache.all()].filter(isApplication).map(({ metadata }) => metadata.name);

    changed = object => {
      const owner = trackedBy(object);
      if (owner !== undefined && cache.get(applicationKey(namespace, owner))) look(owner);
      if (isApplication(object)) look(object.metadata.name);
      if (object.kind === 'AppProject') names().forEach(look);
    };
    while (!signal.aborted) {
      // Again, if somebody has deleted their definitions meanwhile.
      await Promise.all([applications, projects].map(cache.follow));
      names().forEach(look);
      await sleep(refreshEvery, undefined, { signal });
    }
  }

  const playing = play().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  return {
    async close() {
      closing.abort();
      await playing;
      await Promise.all([...controllers.values()].map(each => each.stopped()));
    },
  };
}

const isApplication = ({ apiVersion, kind, metadata }: KubernetesObject): boolean =>
  kind === 'Application' && groupOf(apiVersion) === 'argoproj.io' && metadata.namespace === namespace;

/** Waits until Argo CD is there: its kinds served, its controller ready. */
async function installed(cluster: Cluster, cache: Live, signal: AbortSignal) {
  for (; ; await sleep(500, undefined, { signal })) {
    try {
      const sets = await cluster.kind('apps/v1', 'StatefulSet');
      const applications = await cluster.kind('argoproj.io/v1alpha1', 'Application');
      const projects = await cluster.kind('argoproj.io/v1alpha1', 'AppProject');
      if (!sets || !applications || !projects) continue;
      const set = await cluster.get(pathOf(sets, namespace, 'argocd-application-controller'));
      if (number(at(set, 'status', 'readyReplicas')) === 0) continue;
      await cache.follow(applications);
      await cache.follow(projects);
      return { applications, projects };
    } catch {
      // Not there yet, or the API server is just starting.
      signal.throwIfAborted();
    }
  }
}

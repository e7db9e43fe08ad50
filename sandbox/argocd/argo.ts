import type { Application } from './application.ts';
import { type Cluster, type Kind, pathOf } from './cluster.ts';
import type { Differ } from './differ.ts';
import type { Live } from './live.ts';
import { mergePatch } from './patch.ts';
import type { Project } from './project.ts';
import type { RepoServer } from './repo-server.ts';

/** What every part of the controller works with. */
export interface Argo {
  cluster: Cluster;
  live: Live;
  repoServer: RepoServer;
  differ: Differ;
  namespace: string;
  applications: Kind;
  signal: AbortSignal;
}

export const applicationKey = (namespace: string, name: string) =>
  `argoproj.io/Application/${namespace}/${name}`;

export const projectOf = ({ live, namespace }: Argo, { spec }: Application): Project | undefined =>
  live.get(`argoproj.io/AppProject/${namespace}/${spec.project}`) as Project | undefined;

/** Writes what has changed of an Application, and only that: others write to it too. */
export async function write(argo: Argo, application: Application, changed: object): Promise<Application> {
  const patch = mergePatch(application, { ...application, ...changed });
  if (patch === undefined) return application;
  const path = pathOf(argo.applications, argo.namespace, application.metadata.name);
  const written = await argo.cluster.mergePatch(path, patch);
  argo.live.store(written);
  return written as Application;
}

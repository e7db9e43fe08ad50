import { existsSync } from 'node:fs';
import { join, normalize } from 'node:path';
import type { Kubectl, Manifest } from '../kubectl/kubectl.ts';
import { UserError } from '../runner/errors.ts';
import type { Application } from './application.ts';

/** What bootstrap hands to the cluster; all the rest comes by Argo CD. */
export interface Wish {
  manifests: Manifest[];
  /** The Application that brings all others. */
  root: Application;
}

/**
 * Renders `<folder>/argocd` and, of `<folder>/environments/<environment>`, the projects and the root Application.
 * @throws UserError when a folder is not there, or when no Application in it is the root
 */
export async function read(cluster: Kubectl, folder: string, environment: string): Promise<Wish> {
  const own = join(folder, 'environments', environment);
  for (const each of [join(folder, 'argocd'), own]) {
    if (!existsSync(each))
      throw new UserError(
        `There is no folder ${each}: check out the platform repository, or say where its manifests are with the input "manifests"`,
      );
  }
  const [argocd, rendered] = await Promise.all([
    cluster.kustomize(join(folder, 'argocd')),
    cluster.kustomize(own),
  ]);
  const root = rendered.find(isRoot(own));
  if (!root)
    throw new UserError(
      `No Application in ${own} has this folder as its source: add the root Application, whose spec.source.path is ${own}`,
    );
  const kept = rendered.filter(
    each => each === root || ['Namespace', 'AppProject'].includes(each.object.kind),
  );
  return { manifests: [...argocd, ...kept], root: root.object as Application };
}

/** The root is the Application that reads the very folder in which it stands: wherever the checkout is. */
const isRoot =
  (folder: string) =>
  ({ object }: Manifest): boolean => {
    if (object.kind !== 'Application') return false;
    const path = (object as Application).spec?.source?.path;
    return path !== undefined && `/${normalize(folder)}`.endsWith(`/${normalize(path)}`);
  };

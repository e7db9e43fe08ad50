import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { stringify } from 'yaml';
import { type KubeObject, title } from '../../kubectl/kubectl.ts';
import { kustomization, kustomizationNames } from './files.ts';

/** A source of an Argo CD Application: https://argo-cd.readthedocs.io/en/stable/user-guide/application-specification */
interface Source {
  repoURL?: string;
  path?: string;
  chart?: string;
  ref?: string;
  directory?: { recurse?: boolean };
  kustomize?: Record<string, unknown>;
}

/** A folder of this repository that an Application deploys. */
export interface Part {
  path: string;
  recurse: boolean;
  /** Where objects go that do not say it. */
  namespace: string | undefined;
  kustomize: Record<string, unknown>;
}

/** What an Application deploys out of this repository, and what else, of which nothing is seen. */
export function partsOf(
  application: KubeObject,
  { repository, root }: { repository: string | undefined; root: string },
): { parts: Part[]; notes: string[]; unseen: string[] } {
  const spec = (application.spec ?? {}) as {
    source?: Source;
    sources?: Source[];
    destination?: { server?: string; name?: string; namespace?: string };
  };
  const { server, name, namespace } = spec.destination ?? {};
  const parts: Part[] = [];
  const unseen: string[] = [];
  const miss = (what: string) => void unseen.push(`${title(application)}: ${what}`);
  if (
    ![undefined, 'https://kubernetes.default.svc'].includes(server) ||
    ![undefined, 'in-cluster'].includes(name)
  ) {
    const elsewhere = `${title(application)}: it goes to another cluster, ${name ?? server}, so its hosts do not count here`;
    return { parts, notes: [elsewhere], unseen };
  }
  for (const { repoURL = '', path, chart, ref, directory, kustomize = {} } of spec.sources ?? [
    spec.source ?? {},
  ]) {
    if (chart !== undefined) miss(`it is the Helm chart ${chart} of ${repoURL}`);
    else if (path === undefined && ref !== undefined)
      continue; // only lends its files to another source
    else if (repository === undefined)
      miss(`it is in ${repoURL}, and only platform.yaml says whether that is this repository`);
    else if (slug(repoURL) !== slug(repository)) miss(`it is in another repository, ${repoURL}`);
    else {
      const folder = normalize(path ?? '.');
      if (folder.startsWith('..') || !existsSync(join(root, folder)))
        miss(`there is no folder ${folder} in this repository`);
      else if (existsSync(join(root, folder, 'Chart.yaml'))) miss(`${folder} is a Helm chart`);
      else parts.push({ path: folder, recurse: directory?.recurse ?? false, namespace, kustomize });
    }
  }
  return { parts, notes: [], unseen };
}

/** `github.com/acme/shop`, however the address is written. */
const slug = (url: string): string =>
  url
    .toLowerCase()
    .replace(/^(https?:\/\/|ssh:\/\/)?([^@/]*@)?/, '')
    .replace(/^([^/:]+):(?!\d+\/)/, '$1/')
    .replace(/(\.git)?\/*$/, '');

/** What of an Application's kustomize may change a host or an annotation. Lists and maps are added to. */
const amendments = ['patches', 'components', 'commonAnnotations', 'namespace', 'namePrefix', 'nameSuffix'];

/**
 * Argo CD writes an Application's kustomize into the folder's own kustomization, where replacements still come after it. That
 * is done to a copy: the folder is in `mirror` where it was below `root`, and all around it leads back to the original.
 * @returns the folder to render
 */
export async function amended(root: string, { path, kustomize }: Part, mirror: string): Promise<string> {
  const wanted = Object.entries(kustomize).filter(([key]) => amendments.includes(key));
  if (wanted.length === 0) return join(root, path);

  let [from, to] = [root, mirror];
  for (const part of path.split('/').filter(each => each !== '.')) {
    for (const name of await readdir(from)) {
      if (name !== part) await symlink(join(from, name), join(to, name));
    }
    [from, to] = [join(from, part), join(to, part)];
    if (from !== join(root, path)) await mkdir(to);
  }
  await cp(from, to, { recursive: true, filter: source => !/\/(node_modules|\.git)$/.test(source) });

  const { name, value } = await kustomization(from);
  const merged = wanted.map(([key, added]) => {
    const there = value[key];
    if (Array.isArray(added)) return [key, [...(Array.isArray(there) ? there : []), ...added]];
    return [key, typeof added === 'object' ? { ...(there as object | undefined), ...added } : added];
  });
  await writeFile(join(to, name), stringify({ ...value, ...Object.fromEntries(merged) }));
  return to;
}

export const isKustomized = (folder: string): boolean =>
  kustomizationNames.some(name => existsSync(join(folder, name)));

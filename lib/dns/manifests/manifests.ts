import { join, resolve } from 'node:path';
import { type Kubectl, type KubeObject, title } from '../../kubectl/kubectl.ts';
import { UserErrors } from '../../runner/errors.ts';
import type { Runner } from '../../runner/runner.ts';
import { amended, isKustomized, type Part, partsOf } from './applications.ts';
import { type Contents, contents, flat, objectsIn, outermost } from './files.ts';

export interface Manifests {
  objects: KubeObject[];
  notes: string[];
  /** What could not be looked into. */
  unseen: string[];
}

export interface Whence {
  folder: string;
  /** The checkout in which the paths of Argo CD's Applications are. */
  root: string;
  /** The address of that repository, if it is known. */
  repository: string | undefined;
}

/** A kustomization to be rendered, and what people call it. */
interface Top {
  folder: string;
  name: string;
}

/**
 * The objects that the files below a folder describe: kustomizations rendered, and Argo CD's Applications followed to those
 * folders that are in the same repository. No cluster is asked.
 * @param kubectl renders
 * @throws UserErrors with every file that is not YAML; KubernetesError when a kustomization cannot be rendered
 */
export async function readManifests(
  runner: Runner,
  kubectl: Pick<Kubectl, 'kustomize'>,
  { folder, root, repository }: Whence,
): Promise<Manifests> {
  const notes: string[] = [];
  const unseen: string[] = [];
  const read = async (found: Contents, tops: readonly Top[], namespace?: string): Promise<KubeObject[]> => {
    const plain = await Promise.all(found.files.map(objectsIn));
    const errors = plain.flatMap(each => each.errors); // in the order of the files, whichever was read first
    if (errors.length > 0) throw new UserErrors(errors);
    unseen.push(...found.charts.map(chart => `${chart}: it is a Helm chart`));
    const rendered: KubeObject[] = [];
    for (const top of tops) {
      runner.progress(`Rendering ${top.name}`);
      rendered.push(...(await render(top)).flatMap(({ object }) => flat(object)));
    }
    return [...plain.flatMap(({ objects }) => objects), ...rendered].map(object =>
      at(object, namespace ?? 'default'),
    );
  };

  const render = ({ folder, name }: Top) =>
    kubectl.kustomize(folder).catch((error: Error) => {
      const [, base] = remoteBase.exec(error.message) ?? [];
      if (base === undefined) throw error;
      unseen.push(`${name}: it takes in ${base}, which cannot be fetched from here`);
      return [];
    });

  const first = await contents(folder);
  const tops = await outermost(first.kustomizations);
  const objects = await read(
    first,
    tops.map(folder => ({ folder, name: folder })),
  );

  // Of a folder that has been read as it is nothing is read again; one with patches of its own is something else.
  const key = (path: string, kustomize: object = {}) => `${resolve(root, path)} ${JSON.stringify(kustomize)}`;
  const seen = new Set([key(resolve(folder)), ...tops.map(each => key(resolve(each)))]);
  const partOf = async (part: Part): Promise<KubeObject[]> => {
    const own = join(root, part.path);
    if (!isKustomized(own)) return read(await contents(own, part), [], part.namespace);
    const none = { kustomizations: [], files: [], charts: [] };
    const folder = await amended(root, part, await runner.folder());
    return read(none, [{ folder, name: part.path }], part.namespace);
  };
  for (const application of objects) {
    if (!isOf(application, 'argoproj.io')) continue;
    if (application.kind === 'ApplicationSet')
      unseen.push(`${title(application)}: what it generates is not known before it runs`);
    if (application.kind !== 'Application') continue;
    const deployed = partsOf(application, { repository, root });
    notes.push(...deployed.notes);
    unseen.push(...deployed.unseen);
    for (const part of deployed.parts) {
      if (seen.has(key(part.path, part.kustomize))) continue;
      seen.add(key(part.path, part.kustomize));
      objects.push(...(await partOf(part))); // may bring further Applications, which this loop comes to
    }
  }
  return { objects: distinct(objects), notes, unseen };
}

/** What kustomize says of a base that has an address, `https://…` or `github.com/…`, and no folder. */
const remoteBase = /accumulating resources from '((?:\w+:\/\/|git@|[\w-]+(?:\.[\w-]+)+\/)[^']+)'/;

const isOf = ({ apiVersion }: KubeObject, group: string): boolean => apiVersion.startsWith(`${group}/`);

const clusterWide = new Set(['Namespace', 'GatewayClass', 'IngressClass', 'CustomResourceDefinition']);

function at(object: KubeObject, namespace: string): KubeObject {
  if (object.metadata.namespace !== undefined || clusterWide.has(object.kind)) return object;
  return { ...object, metadata: { ...object.metadata, namespace } };
}

/** The last of each, as when all were applied in this order; a generated name is another each time. */
const distinct = (objects: readonly KubeObject[]): KubeObject[] => [
  ...new Map(
    objects.map((object, index) => {
      const nth = object.metadata.name.endsWith('*') ? index : '';
      return [`${object.apiVersion} ${title(object)}${nth}`, object];
    }),
  ).values(),
];

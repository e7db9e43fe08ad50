import { identity, type KubeObject, type Manifest } from '../kubectl/kubectl.ts';

/** What of several versions does not go together, each in one sentence. */
export interface Skew {
  /** Why nothing may be changed. */
  refusal?: string;
  warnings: string[];
}

/** What is installed, or is about to be; `v1.34.2`. */
export interface Versions {
  kubectl: string;
  kubernetes: string;
  /** Of Argo CD, in the manifests and in the cluster; undefined where there is none, or no version in its image's tag. */
  pinned?: string | undefined;
  installed?: string | undefined;
}

/** The oldest Kubernetes that a minor version of Argo CD is tested with; of later ones at least the same is asked.
 * https://argo-cd.readthedocs.io/en/stable/operator-manual/installation/#tested-versions */
const oldest: readonly [argocd: string, kubernetes: string][] = [
  ['v3.0.0', 'v1.29.0'],
  ['v3.1.0', 'v1.30.0'],
];

export function skew({ kubectl, kubernetes, pinned, installed }: Versions): Skew {
  const warnings: string[] = [];
  // https://kubernetes.io/releases/version-skew-policy/#kubectl
  const [ours, theirs] = [numbers(kubectl), numbers(kubernetes)];
  if (ours && theirs && (ours[0] !== theirs[0] || Math.abs(ours[1] - theirs[1]) > 1))
    warnings.push(
      `kubectl is ${kubectl} and the cluster ${kubernetes}, and more than one minor version between them is not supported: install kubectl ${theirs[0]}.${theirs[1]}`,
    );
  if (pinned === undefined) return { warnings };
  const floor = oldest.findLast(([argocd]) => compare(argocd, pinned) <= 0)?.[1];
  if (floor !== undefined && compare(kubernetes, floor) < 0)
    warnings.push(
      `The cluster's Kubernetes is ${kubernetes}, older than ${floor}, the oldest that Argo CD ${pinned} is tested with: upgrade the cluster, or pin an older Argo CD`,
    );
  if (installed === undefined || compare(installed, pinned) <= 0) return { warnings };
  return {
    warnings,
    refusal: `Argo CD in the cluster is ${installed}, newer than ${pinned} of the manifests, and nothing is put back to an older version unasked: check out the commit that pins ${installed}; if the older one is meant, merge it, Argo CD then goes back by itself, and run this again`,
  };
}

const controller = 'argocd-application-controller';

/** Argo CD's version by the tag of its controller's image, among the manifests and among what is in the cluster. */
export function argocdVersions(
  manifests: readonly Manifest[],
  live: readonly KubeObject[],
): Pick<Versions, 'pinned' | 'installed'> {
  const pinned = manifests.find(({ object }) => isController(object))?.object;
  const installed = pinned && live.find(each => identity(each) === identity(pinned));
  return { pinned: tag(pinned), installed: tag(installed) };
}

export const isController = ({ kind, metadata }: Pick<KubeObject, 'kind' | 'metadata'>): boolean =>
  ['StatefulSet', 'Deployment'].includes(kind) && metadata.name === controller;

interface Workload {
  template?: { spec?: { containers?: { name: string; image?: string }[] } };
}

function tag(object: KubeObject | undefined): string | undefined {
  const containers = (object?.spec as Workload | undefined)?.template?.spec?.containers ?? [];
  const image = (containers.find(({ name }) => name === controller) ?? containers[0])?.image;
  return /:(v\d+\.\d+\.\d+[^@]*)/.exec(image ?? '')?.[1];
}

function numbers(version: string): [number, number, number] | undefined {
  const [, major, minor, patch] = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version) ?? [];
  return major === undefined ? undefined : [Number(major), Number(minor), Number(patch)];
}

/** Like a sorting function's; what is no version is equal to everything. A pre-release counts as the release. */
function compare(a: string, b: string): number {
  const [left, right] = [numbers(a), numbers(b)];
  if (!left || !right) return 0;
  const at = left.findIndex((number, index) => number !== right[index]);
  return at < 0 ? 0 : (left[at] ?? 0) - (right[at] ?? 0);
}

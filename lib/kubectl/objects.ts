/** Any object of the Kubernetes API, as far as its kind does not matter. */
export interface KubeObject<Spec = unknown, Status = unknown> {
  apiVersion: string;
  kind: string;
  metadata: Metadata;
  spec?: Spec;
  status?: Status;
}

export interface Metadata {
  name: string;
  namespace?: string;
  uid?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  creationTimestamp?: string;
  deletionTimestamp?: string;
  generation?: number;
  resourceVersion?: string;
}

/** One document of a rendered kustomization: what kubectl is handed, and what it says. */
export interface Manifest<T extends KubeObject = KubeObject> {
  text: string;
  object: T;
}

/** `Deployment argocd/argocd-server`, `Namespace shop`: how a person names it. */
export const title = ({ kind, metadata }: KubeObject): string =>
  `${kind} ${metadata.namespace ? `${metadata.namespace}/` : ''}${metadata.name}`;

/** Tells objects apart across versions of their API: group, kind, namespace, name. */
export const identity = ({ apiVersion, kind, metadata }: KubeObject): string =>
  [group(apiVersion), kind, metadata.namespace ?? '', metadata.name].join('/');

const group = (apiVersion: string): string =>
  apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';

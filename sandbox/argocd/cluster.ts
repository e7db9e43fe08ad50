import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { createInterface } from 'node:readline';
import { parse } from 'yaml';
import type { KubernetesObject } from './object.ts';

/** A kind that the API server serves, and where. */
export interface Kind {
  /** `/api/v1` or `/apis/<group>/<version>`. */
  root: string;
  plural: string;
  namespaced: boolean;
}

export interface Cluster {
  /** Undefined when the API server does not know the kind (yet). */
  kind(apiVersion: string, kind: string): Promise<Kind | undefined>;
  /** @throws ApiError for every status that is not 2xx */
  get<T = KubernetesObject>(path: string): Promise<T>;
  delete(path: string): Promise<void>;
  mergePatch(path: string, patch: unknown): Promise<KubernetesObject>;
  /** Server-side apply, taking over fields that others own, as Argo CD does. */
  apply(path: string, object: KubernetesObject, dryRun: boolean): Promise<KubernetesObject>;
  /** Calls back for every event until the API server ends the watch. */
  watch(path: string, onEvent: (event: WatchEvent) => void, signal: AbortSignal): Promise<void>;
}

export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: KubernetesObject;
}

/** What the API server refused, in its own words. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export const pathOf = (kind: Kind, namespace?: string, name?: string): string =>
  [
    kind.root,
    ...(kind.namespaced && namespace ? ['namespaces', namespace] : []),
    kind.plural,
    ...(name === undefined ? [] : [encodeURIComponent(name)]),
  ].join('/');

/** A client for the API server that a kubeconfig with embedded certificates names. */
export async function connect(kubeconfig: string): Promise<Cluster> {
  const { server, ...credentials } = read(await readFile(kubeconfig, 'utf8'));
  // Watches keep their connections; all else shares a few.
  const watching = new Agent(credentials);
  const asking = new Agent({ ...credentials, keepAlive: true, maxSockets: 8 });

  const send = (
    method: string,
    path: string,
    body?: unknown,
    type = 'application/json',
    signal?: AbortSignal,
  ) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const text = body === undefined ? '' : JSON.stringify(body);
      // For DELETE, Node frames a body only if it is told the length.
      const headers = text ? { 'content-type': type, 'content-length': Buffer.byteLength(text) } : {};
      const agent = signal ? watching : asking;
      const request = httpsRequest(new URL(path, server), { method, headers, agent, signal }, resolve);
      request.on('error', reject);
      request.end(text);
    });

  const lists = new Map<string, Promise<ResourceList | undefined>>();
  async function call<T>(method: string, path: string, body?: unknown, type?: string): Promise<T> {
    const response = await send(method, path, body, type);
    const text = (await response.setEncoding('utf8').toArray()).join('');
    const status = response.statusCode ?? 0;
    // What an API server says of a path that it does not serve, or not any more: the kind's definition is gone.
    if (status === 404 && !text.startsWith('{')) lists.delete(rootOf(path));
    if (status < 200 || status > 299) throw new ApiError(status, messageIn(text));
    return JSON.parse(text) as T;
  }

  /** What a group version serves. A kind that is not in it may come later, so only finds are remembered. */
  const resources = (root: string): Promise<ResourceList | undefined> => {
    const known = lists.get(root) ?? call<ResourceList>('GET', root).catch(missing);
    lists.set(root, known);
    return known;
  };

  return {
    async kind(apiVersion, kind) {
      const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
      const find = async () =>
        (await resources(root))?.resources.find(entry => entry.kind === kind && !entry.name.includes('/'));
      let found = await find();
      if (!found) {
        lists.delete(root);
        found = await find();
      }
      return found && { root, plural: found.name, namespaced: found.namespaced };
    },
    get: path => call('GET', path),
    async delete(path) {
      const foreground = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Foreground' };
      await call('DELETE', path, foreground).catch(missing);
    },
    mergePatch: (path, patch) => call('PATCH', path, patch, 'application/merge-patch+json'),
    apply(path, object, dryRun) {
      const query = `fieldManager=argocd-controller&force=true${dryRun ? '&dryRun=All' : ''}`;
      return call('PATCH', `${path}?${query}`, object, 'application/apply-patch+yaml');
    },
    async watch(path, onEvent, signal) {
      const response = await send('GET', path, undefined, undefined, signal);
      if (response.statusCode !== 200) throw new ApiError(response.statusCode ?? 0, `cannot watch ${path}`);
      for await (const line of createInterface({ input: response })) onEvent(JSON.parse(line) as WatchEvent);
    },
  };
}

const rootOf = (path: string): string => /^\/(api|apis\/[^/]+)\/[^/?]+/.exec(path)?.[0] ?? path;

interface ResourceList {
  resources: { name: string; kind: string; namespaced: boolean }[];
}

const missing = (error: unknown): undefined => {
  if (error instanceof ApiError && error.status === 404) return undefined;
  throw error;
};

function messageIn(text: string): string {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text;
  } catch {
    return text.trim();
  }
}

interface Kubeconfig {
  clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }];
  users: [{ user: { 'client-certificate-data': string; 'client-key-data': string } }];
}

function read(text: string) {
  const { clusters, users } = parse(text) as Kubeconfig;
  const [{ cluster }, { user }] = [clusters[0], users[0]];
  const decode = (base64: string) => Buffer.from(base64, 'base64');
  return {
    server: cluster.server,
    ca: decode(cluster['certificate-authority-data']),
    cert: decode(user['client-certificate-data']),
    key: decode(user['client-key-data']),
  };
}

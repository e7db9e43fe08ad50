import { stripVTControlCharacters } from 'node:util';
import { CORE_SCHEMA, load } from 'js-yaml';
import { CommandFailed, type Runner, type RunOptions } from '../runner/runner.ts';
import { explain, KubernetesError, unless } from './errors.ts';
import type { KubeObject, Manifest } from './objects.ts';

export { KubernetesError, unless } from './errors.ts';
export { identity, type KubeObject, type Manifest, title } from './objects.ts';

export interface Scope {
  /** One namespace; all of them unless told. */
  namespace?: string;
  /** A label selector, as kubectl writes it. */
  selector?: string;
}

/** Every failure is a KubernetesError with its `reason` and one sentence. */
export interface Kubectl {
  /**
   * The complete list, or an error: never a part of it. Empty only when the cluster said so; a resource that it does not
   * know (a missing CRD) fails with the reason `UnknownResource`.
   * @param resource in full where it has a group: `applications.argoproj.io`
   */
  list<T extends KubeObject = KubeObject>(resource: string, scope?: Scope): Promise<T[]>;
  /** The object, or undefined when there is none of that name. */
  get<T extends KubeObject = KubeObject>(
    resource: string,
    name: string,
    namespace?: string,
  ): Promise<T | undefined>;
  /** What is in the cluster of these manifests, in any order. Their kinds must be known there. */
  live(manifests: readonly Manifest[]): Promise<KubeObject[]>;
  /** Renders a kustomization, remote bases too. Does not touch the cluster. */
  kustomize(folder: string): Promise<Manifest[]>;
  /**
   * Applies on the server, and takes fields over from whoever set them before. Gives the objects as they are then; with
   * `dryRun`, as they would be.
   */
  apply(manifests: readonly Manifest[], options?: { dryRun?: boolean }): Promise<KubeObject[]>;
  /** Puts a whole object in the place of one that was read, unless somebody has changed that meanwhile. */
  replace(object: KubeObject | object): Promise<void>;
  /** The last lines that a container has written; of the one before it, when that has ended. */
  logs(pod: KubeObject, container: string, options: { lines: number; previous: boolean }): Promise<string[]>;
  /** Of kubectl and of the API server: `v1.34.2`. */
  versions(): Promise<{ kubectl: string; kubernetes: string }>;
  /** Creates an object, or leaves the one of that name alone. True when it was created. */
  create(object: KubeObject | object): Promise<boolean>;
  /** One JSON merge patch for all of these objects: it stands in the argv, so no secret may be in it. */
  patch(resource: string, names: readonly string[], patch: object, namespace?: string): Promise<void>;
  /** Sets annotations on several objects in one go; those that are gone by then are left out. */
  annotate(
    resource: string,
    names: readonly string[],
    annotations: Record<string, string>,
    namespace?: string,
  ): Promise<void>;
  /** Asks for the deletion and does not wait for it. What is gone already is no error. */
  delete(resource: string, names: readonly string[], namespace?: string): Promise<void>;
}

export const fieldManager = 'slipway';

/**
 * A cluster through kubectl's command line, which users know and whose version is theirs.
 * @param kubeconfig the file that says which cluster and as whom
 * @param renew writes fresh credentials into that file; without it those that have expired are an error
 */
export function kubectl(runner: Runner, kubeconfig: string, renew?: () => Promise<void>): Kubectl {
  // What a cluster offers is cached for hours by its address: a cache of our own cannot be of the cluster before.
  let cache: Promise<string> | undefined;
  let renewals = 0;
  let renewing: Promise<void> | undefined;

  async function call(what: string, args: readonly string[], options?: RunOptions): Promise<string> {
    cache ??= runner.folder();
    const connection = ['--kubeconfig', kubeconfig, '--cache-dir', await cache, '--request-timeout', '60s'];
    const attempt = () => run(what, [...args, ...connection], options);
    const before = renewals;
    try {
      return await attempt();
    } catch (error) {
      // Nothing that was refused so has happened: it can be asked again.
      if (!renew || !(error instanceof KubernetesError) || error.reason !== 'Unauthorized') throw error;
      if (before === renewals) await renewed(renew);
      return attempt();
    }
  }

  /** Once for all who are refused at the same time. */
  function renewed(renew: () => Promise<void>): Promise<void> {
    renewing ??= renew()
      .then(() => {
        renewals++;
      })
      .finally(() => {
        renewing = undefined;
      });
    return renewing;
  }

  async function run(what: string, args: readonly string[], options?: RunOptions): Promise<string> {
    try {
      return (await runner.run('kubectl', args, options)).stdout;
    } catch (error) {
      if (error instanceof CommandFailed) throw explain(what, error.finished.stderr);
      throw error;
    }
  }

  return {
    async list<T>(resource: string, { namespace, selector }: Scope = {}) {
      const where = namespace === undefined ? ['--all-namespaces'] : ['--namespace', namespace];
      const which = selector === undefined ? [] : ['--selector', selector];
      // One request and no pages: pages of a list that changes meanwhile can expire half-way.
      const options = ['--chunk-size', '0', '--output', 'json'];
      const what = `list ${resource}`;
      const stdout = await call(what, ['get', resource, ...where, ...which, ...options]);
      const found = listOf(what, json(what, stdout));
      const stranger = found.find(each => !isOf(resource, each));
      if (!stranger) return found as T[];
      // What stands between may answer with something else, of which kubectl makes a list of one.
      throw new KubernetesError(
        'Unavailable',
        `Could not ${what}: the cluster answered with ${stranger?.kind ?? 'something else'} instead; run it again`,
      );
    },
    async get<T>(resource: string, name: string, namespace?: string) {
      const args = ['get', resource, name, ...within(namespace), '--ignore-not-found', '--output', 'json'];
      const what = `read ${resource} ${name}`;
      const stdout = await call(what, args);
      return stdout.trim() ? (json(what, stdout) as T) : undefined;
    },
    async live(manifests) {
      if (manifests.length === 0) return [];
      const args = ['get', '--filename', '-', '--ignore-not-found', '--output', 'json'];
      const what = 'read what is in the cluster';
      const stdout = await call(what, args, { input: manifests.map(name).join('\n') });
      return stdout.trim() ? items(what, stdout) : [];
    },
    async kustomize(folder) {
      return split(await run(`render ${folder}`, ['kustomize', folder]));
    },
    async apply(manifests, { dryRun = false } = {}) {
      if (manifests.length === 0) return [];
      const options = ['--server-side', '--force-conflicts', `--field-manager=${fieldManager}`];
      const args = ['apply', '--filename', '-', ...options, '--output', 'json'];
      const all = dryRun ? [...args, '--dry-run=server'] : args;
      return items('apply', await call('apply', all, { input: join(manifests) }));
    },
    async replace(object) {
      const args = ['replace', '--filename', '-', '--output', 'name'];
      await call('replace', args, { input: JSON.stringify(object) });
    },
    async logs({ metadata: { name, namespace } }, container, { lines, previous }) {
      const options = ['--container', container, `--tail=${lines}`, `--previous=${previous}`];
      const stdout = await call(`read the log of ${name}`, ['logs', name, ...within(namespace), ...options]);
      // What a stranger's program wrote: without the characters that move a terminal's cursor.
      return stdout.split('\n').map(printable).filter(Boolean);
    },
    async versions() {
      const stdout = await call('ask for the version', ['version', '--output', 'json']);
      const { clientVersion, serverVersion } = JSON.parse(stdout) as Record<string, { gitVersion: string }>;
      if (!clientVersion || !serverVersion)
        throw new KubernetesError('Unavailable', 'The cluster did not say which version of Kubernetes it is');
      return { kubectl: clientVersion.gitVersion, kubernetes: serverVersion.gitVersion };
    },
    async create(object) {
      const args = ['create', '--filename', '-', '--output', 'name'];
      const created = call('create', args, { input: JSON.stringify(object) }).then(() => true);
      return unless('AlreadyExists', created, false);
    },
    async patch(resource, names, patch, namespace) {
      const args = ['patch', resource, ...names, ...within(namespace), '--type=merge', '--output', 'name'];
      await call(`change ${resource} ${names.join(', ')}`, [...args, `--patch=${JSON.stringify(patch)}`]);
    },
    async annotate(resource, names, annotations, namespace) {
      const pairs = Object.entries(annotations).map(([name, value]) => `${name}=${value}`);
      const args = ['annotate', resource, ...names, ...pairs, ...within(namespace), '--overwrite'];
      const annotated = call(`annotate ${resource}`, [...args, '--output', 'name']);
      await unless('NotFound', annotated, undefined); // kubectl goes on after one that it does not find
    },
    async delete(resource, names, namespace) {
      const options = ['--ignore-not-found', '--wait=false', '--output', 'name'];
      const args = ['delete', resource, ...names, ...within(namespace), ...options];
      await call(`delete ${resource} ${names.join(', ')}`, args);
    },
  };
}

const printable = (line: string): string =>
  stripVTControlCharacters(line)
    .replace(/\p{Cc}/gu, '')
    .trim();

const within = (namespace?: string) => (namespace === undefined ? [] : ['--namespace', namespace]);

/** As much of an object as says which it is. */
const name = ({ object: { apiVersion, kind, metadata } }: Manifest): string => {
  const { name, namespace } = metadata;
  return JSON.stringify({ apiVersion, kind, metadata: { name, ...(namespace && { namespace }) } });
};

const join = (manifests: readonly Manifest[]): string => manifests.map(({ text }) => text).join('\n---\n');

function json(what: string, stdout: string): Printed {
  try {
    return JSON.parse(stdout);
  } catch {
    throw new KubernetesError('Unavailable', `Could not ${what}: no whole answer came; run it again`);
  }
}

/** kubectl prints one object as it is, and several as a List. */
function items(what: string, stdout: string): KubeObject[] {
  const found = json(what, stdout);
  return found.kind === 'List' ? listOf(what, found) : [found];
}

type Printed = KubeObject & { items?: KubeObject[]; metadata?: { continue?: string } };

function listOf(what: string, { kind, items, metadata }: Printed): KubeObject[] {
  if (kind === 'List' && Array.isArray(items) && !metadata?.continue) return items;
  throw new KubernetesError(
    'Unavailable',
    `Could not ${what}: the cluster gave a part of a list instead of the whole; run it again`,
  );
}

/** Whether an object is of one of these resources: `deployments.apps,pods`. The plural of a kind begins like it. */
const isOf = (resources: string, object: KubeObject | undefined): boolean =>
  resources.split(',').some(each => each.startsWith((object?.kind ?? ' ').toLowerCase().replace(/y$/, '')));

/** kustomize writes its documents so that a line `---` is never inside one. */
export function split(yaml: string): Manifest[] {
  return (
    yaml
      .split(/^---$/m)
      .filter(text => text.trim())
      // Not by the parser that keeps comments and lines, as people's files need it: of Argo CD's definitions it takes a second.
      .map(text => ({ text, object: load(text, { schema: CORE_SCHEMA }) as KubeObject }))
  );
}

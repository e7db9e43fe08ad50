import { mkdir, rm } from 'node:fs/promises';
import { posix } from 'node:path';
import type { Environment } from '../run.ts';
import type { Source } from './application.ts';
import { commands } from './commands.ts';
import { git } from './git.ts';
import { build } from './kustomize.ts';
import { canonical, type KubernetesObject } from './object.ts';

/** What a source says at its revision. */
export interface Loaded {
  revision: string;
  objects: KubernetesObject[];
}

export interface RepoServer {
  /** @throws Error with the sentence that Argo CD puts into the condition ComparisonError */
  load(source: Source, options: LoadOptions): Promise<Loaded>;
}

export interface LoadOptions {
  /** Asks for the revision, and builds again what failed, whatever was found a moment ago. */
  fresh: boolean;
  /** What the rendering depends on, relative to the source's path; with none, on the whole commit. */
  paths: string[];
}

/** How long a failed build is not tried again without a refresh, in milliseconds. */
const patience = 10_000;

/**
 * Repositories and their rendered folders. A commit is rendered once, for however many clusters.
 * @param env the whole environment of git and kubectl
 * @param folder where to work; made when it is first needed
 */
export function repoServer({ kubectl, env, folder }: Options): RepoServer {
  const children = commands(env);
  const repositories = git(children, folder);
  const builds = new Map<string, Build>();

  async function render(source: Source, revision: string): Promise<KubernetesObject[]> {
    const tree = await repositories.checkOut(source.repoURL, revision);
    try {
      return await build(children, kubectl, tree, source);
    } finally {
      await rm(tree, { recursive: true, force: true });
    }
  }

  /** A commit's rendering is good for later ones too, while nothing changes in the paths that it is said to depend on. */
  async function identify(source: Source, revision: string, paths: string[]): Promise<string> {
    if (paths.length === 0) return canonical({ ...source, targetRevision: revision });
    const below = (path: string) => posix.join(path.startsWith('/') ? '' : (source.path ?? ''), path);
    const folders = paths.map(path => below(path).replace(/^\/|\/$/g, ''));
    return canonical([
      { ...source, targetRevision: '' },
      await repositories.contentsId(source.repoURL, revision, folders),
    ]);
  }

  async function rendered(
    source: Source,
    { fresh, paths }: LoadOptions,
    revision: string,
  ): Promise<KubernetesObject[]> {
    const id = await identify(source, revision, paths);
    const known = builds.get(id);
    const retry = known?.failedAt !== undefined && (fresh || known.failedAt + patience < Date.now());
    if (known && !retry) return known.objects;
    const entry: Build = { objects: render(source, revision) };
    builds.set(id, entry);
    entry.objects.catch(() => {
      entry.failedAt = Date.now();
    });
    return entry.objects;
  }

  return {
    async load(source, options) {
      try {
        await mkdir(folder, { recursive: true });
        const revision = await repositories.resolve(
          source.repoURL,
          source.targetRevision || 'HEAD',
          options.fresh,
        );
        return { revision, objects: await rendered(source, options, revision) };
      } catch (error) {
        throw new Error(
          `Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = ${(error as Error).message}`,
        );
      }
    },
  };
}

interface Options {
  kubectl: string;
  env: Environment;
  folder: string;
}

interface Build {
  objects: Promise<KubernetesObject[]>;
  failedAt?: number;
}

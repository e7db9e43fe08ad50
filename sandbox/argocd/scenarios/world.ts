import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Api } from '../../control-plane/api.ts';

/** What a scenario may use. It is the same for the stand-in and for a real Argo CD. */
export interface World {
  api: Api;
  /** An empty namespace, and an AppProject of this name that allows it, every repository, and all kinds but Secrets. */
  namespace: string;
  /** A new git repository with one commit on main. */
  repository(files: Files): Promise<Repository>;
}

export interface Repository {
  url: string;
  /** Commits to main; null removes a file. */
  commit(files: Record<string, string | null>): Promise<void>;
  tag(name: string): Promise<void>;
}

export type Files = Record<string, string>;

export interface Scenario {
  name: string;
  run(world: World): Promise<void>;
  /** How the world must be in the end, and stay: one line an Application, then one an object in the namespace. */
  ends: (string | RegExp)[];
}

export const argocd = '/apis/argoproj.io/v1alpha1/namespaces/argocd';

/** The world in lines: what both Argo CDs must agree on. Names are without the scenario's own prefix. */
export async function describe({ api, namespace }: World): Promise<string[]> {
  const list = async <T>(path: string) => (await api<{ items: T[] }>('GET', path)).body.items;
  const applications = (await list<Application>(`${argocd}/applications`))
    .filter(({ metadata }) => metadata.name.startsWith(`${namespace}-`))
    .map(({ metadata, status = {} }) => {
      const conditions = (status.conditions ?? []).map(({ type, message }) => `${type}: ${message}`);
      const states = [status.sync?.status, status.health?.status, status.operationState?.phase];
      const marks = 'argocd.argoproj.io/refresh' in (metadata.annotations ?? {}) ? ['refresh'] : [];
      const name = metadata.name.slice(namespace.length + 1);
      return ['Application', name, ...states.map(state => state ?? '-'), ...marks, ...conditions].join(' ');
    });
  const base = `/api/v1/namespaces/${namespace}`;
  const maps = (await list<ConfigMap>(`${base}/configmaps`))
    .filter(({ metadata }) => metadata.name !== 'kube-root-ca.crt')
    .map(({ metadata, data = {} }) => `ConfigMap ${withoutHash(metadata.name)} ${JSON.stringify(data)}`);
  const services = (await list<ConfigMap>(`${base}/services`)).map(
    ({ metadata }) => `Service ${metadata.name}`,
  );
  const deployments = (await list<Deployment>(`/apis/apps/v1/namespaces/${namespace}/deployments`)).map(
    ({ metadata, spec }) =>
      `Deployment ${metadata.name} ${spec.replicas} ${spec.template.spec.containers[0]?.image}`,
  );
  return [applications, maps, deployments, services].flatMap(lines => lines.sort());
}

const withoutHash = (name: string): string => name.replace(/-[a-z0-9]{10}$/, '-HASH');

interface Metadata {
  name: string;
  annotations?: Record<string, string>;
}

interface Application {
  metadata: Metadata;
  status?: {
    sync?: { status: string };
    health?: { status: string };
    operationState?: { phase: string };
    conditions?: { type: string; message: string }[];
  };
}

interface ConfigMap {
  metadata: Metadata;
  data?: Record<string, string>;
}

interface Deployment {
  metadata: Metadata;
  spec: { replicas: number; template: { spec: { containers: { image: string }[] } } };
}

/** @throws Error when the API server refuses */
export async function expectSuccess(answer: Promise<{ status: number; body: unknown }>): Promise<void> {
  const { status, body } = await answer;
  if (status >= 300) throw new Error(`the API server answered ${status}: ${JSON.stringify(body)}`);
}

/** Waits until the world's lines are as wanted. */
export async function until(world: World, what: string, wanted: (lines: string[]) => boolean): Promise<void> {
  for (const deadline = Date.now() + 90_000; ; await sleep(200)) {
    const lines = await describe(world);
    if (wanted(lines)) return;
    if (Date.now() > deadline) throw new Error(`Wanted: ${what}\nBut it is:\n${lines.join('\n')}`);
  }
}

/** Runs a scenario; its end must come and stay. */
export async function play({ run, ends }: Scenario, world: World): Promise<void> {
  await run(world);
  const fits = (line: string, end: string | RegExp = '') =>
    typeof end === 'string' ? line === end : end.test(line);
  const ended = (lines: string[]) =>
    lines.length === ends.length && lines.every((line, index) => fits(line, ends[index]));
  await until(world, ends.join('\n'), ended);
  await sleep(1500);
  const after = await describe(world);
  if (!ended(after)) throw new Error(`It did not stay, but became:\n${after.join('\n')}`);
}

/**
 * A place for one scenario in a cluster with Argo CD.
 * @param env the environment of git
 * @param folder where repositories are made
 */
export async function makeWorld(
  { api, env, folder }: { api: Api; env: Record<string, string>; folder: string },
  namespace: string,
): Promise<World> {
  await expectSuccess(api('POST', '/api/v1/namespaces', { metadata: { name: namespace } }));
  const server = 'https://kubernetes.default.svc';
  const project = {
    ...{ apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject', metadata: { name: namespace } },
    spec: {
      sourceRepos: ['*'],
      destinations: [namespace, 'argocd'].map(name => ({ server, namespace: name })),
      namespaceResourceBlacklist: [{ group: '', kind: 'Secret' }],
    },
  };
  await expectSuccess(api('POST', `${argocd}/appprojects`, project));
  let repositories = 0;
  return {
    api,
    namespace,
    repository: files => makeRepository(join(folder, `${namespace}-${repositories++}`), env, files),
  };
}

async function makeRepository(
  folder: string,
  env: Record<string, string>,
  files: Files,
): Promise<Repository> {
  const author = ['-c', 'user.name=test', '-c', 'user.email=test@example.com'];
  const git = (...args: string[]) => promisify(execFile)('git', [...author, ...args], { cwd: folder, env });
  const repository: Repository = {
    url: `file://${folder}`,
    async commit(changes) {
      for (const [name, text] of Object.entries(changes)) {
        const path = join(folder, name);
        await mkdir(dirname(path), { recursive: true });
        await (text === null ? rm(path) : writeFile(path, text));
      }
      await git('add', '--all');
      await git('commit', '--quiet', '--allow-empty', '--message', 'change');
    },
    async tag(name) {
      await git('tag', '--annotate', '--message', name, name);
    },
  };
  await mkdir(folder, { recursive: true });
  await git('init', '--quiet', '--initial-branch=main');
  await repository.commit(files);
  return repository;
}

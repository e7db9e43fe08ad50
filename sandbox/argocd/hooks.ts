import { setTimeout as sleep } from 'node:timers/promises';
import type { ResourceResult } from './application.ts';
import { ApiError, pathOf } from './cluster.ts';
import { type Health, healthOf } from './health.ts';
import { annotation, type KubernetesObject, key, reference, versionOf, wave } from './object.ts';
import { notPermitted } from './project.ts';
import type { Context } from './sync.ts';

const hook = 'argocd.argoproj.io/hook';

/** Something that runs at a point of a sync, and is no part of what is compared. */
export const isHook = (object: KubernetesObject): boolean => annotation(object, hook) !== undefined;

/**
 * Runs the PreSync hooks, wave by wave, each to its end. What a hook made in the sync before is deleted first: the policy
 * BeforeHookCreation, which is also the default and the only one that is known here.
 * https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/
 * @param hooks in their namespaces, with the Application's mark
 * @param waiting called with what is waited for
 * @returns what became of each, and why the sync cannot go on
 */
export async function runHooks(
  context: Context,
  hooks: readonly KubernetesObject[],
  waiting: (message: string, results: ResourceResult[]) => Promise<void>,
): Promise<{ results: ResourceResult[]; problem?: string }> {
  const unknown = hooks.find(
    each =>
      annotation(each, hook) !== 'PreSync' ||
      (annotation(each, `${hook}-delete-policy`) ?? 'BeforeHookCreation') !== 'BeforeHookCreation',
  );
  if (unknown) {
    const { kind, name } = reference(unknown);
    return {
      results: [],
      problem: `this stand-in for Argo CD knows only PreSync hooks that are deleted before they are created again, not those of ${kind} ${name}`,
    };
  }
  const results: ResourceResult[] = [];
  for (const current of [...new Set(hooks.map(wave))].sort((a, b) => a - b)) {
    for (const each of hooks.filter(other => wave(other) === current)) {
      const { kind, name } = reference(each);
      const message = `waiting for completion of hook ${reference(each).group}/${kind}/${name}`;
      await waiting(message, [...results, resultOf(each, 'Running', '')]);
      const { phase, said } = await run(context, each);
      results.push(resultOf(each, phase, said));
      if (phase !== 'Succeeded')
        return { results, problem: 'one or more synchronization tasks completed unsuccessfully' };
    }
  }
  return { results };
}

type Ended = { phase: 'Succeeded' | 'Failed' | 'SyncFailed'; said: string };

/** Until it is over, in the cluster's words; `SyncFailed` when it was not even taken. */
async function run(context: Context, object: KubernetesObject): Promise<Ended> {
  const { cluster, live, project, signal } = context;
  const refused = (said: string): Ended => ({ phase: 'SyncFailed', said });
  const kind = await cluster.kind(object.apiVersion, object.kind);
  if (!kind) return refused('the server could not find the requested resource');
  const refusal = notPermitted(project, reference(object), kind.namespaced);
  if (refusal) return refused(refusal);
  const path = pathOf(kind, object.metadata.namespace, object.metadata.name);
  try {
    await cluster.delete(path);
    const pause = () => sleep(100, undefined, { signal });
    while ((await cluster.get(path).catch(absent)) !== undefined) await pause();
    await live.follow(kind);
    live.store(await cluster.apply(path, object, false));
    for (;;) {
      const found = live.get(key(object));
      const health: Health = found ? (healthOf(found) ?? { status: 'Healthy' }) : { status: 'Progressing' };
      if (health.status === 'Healthy')
        return { phase: 'Succeeded', said: health.message ?? 'Reached expected number of succeeded pods' };
      if (health.status === 'Degraded') return { phase: 'Failed', said: health.message ?? '' };
      await pause();
    }
  } catch (error) {
    if (error instanceof ApiError) return refused(error.message);
    throw error;
  }
}

const absent = (error: unknown): undefined => {
  if (error instanceof ApiError && error.status === 404) return undefined;
  throw error;
};

/** Of a hook that was taken Argo CD says only how far it has come, not whether it is in sync. */
const resultOf = (
  object: KubernetesObject,
  phase: Ended['phase'] | 'Running',
  message: string,
): ResourceResult => ({
  ...reference(object),
  version: versionOf(object.apiVersion),
  ...(phase === 'SyncFailed' && { status: phase }),
  message,
  hookType: 'PreSync',
  hookPhase: phase === 'SyncFailed' ? 'Failed' : phase,
  syncPhase: 'PreSync',
});

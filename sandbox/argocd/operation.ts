import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Application,
  generatePaths,
  now,
  type Operation,
  type OperationState,
  type Retry,
} from './application.ts';
import { type Argo, applicationKey, projectOf, write } from './argo.ts';
import { compare, placed } from './compare.ts';
import type { Differ } from './differ.ts';
import { isHook } from './hooks.ts';
import { forbidden } from './project.ts';
import { type Outcome, sync } from './sync.ts';

/** Carries out one operation with its retries and keeps `status.operationState` up to date while it does. */
export async function operate(argo: Argo, application: Application, operation: Operation): Promise<void> {
  const { name } = application.metadata;
  const current = () => argo.live.get(applicationKey(argo.namespace, name)) as Application | undefined;
  let state: OperationState = { operation, phase: 'Running', message: '', startedAt: now() };

  async function report(changed: Partial<OperationState>, more: object = {}): Promise<void> {
    state = { ...state, ...changed };
    const fresh = current();
    if (fresh) await write(argo, fresh, { status: { ...fresh.status, operationState: state }, ...more });
  }

  const { limit = 0 } = operation.retry ?? {};
  for (let retries = 0; ; retries++) {
    const { finishedAt: _, ...running } = state;
    state = { ...running, ...(retries > 0 ? { retryCount: retries } : {}) };
    await report({ message: retries > 0 ? `Retrying operation. Attempt #${retries}` : '' });
    const outcome = await attempt(argo, current() ?? application, operation, report);
    const { syncResult, phase, message } = outcome;
    if (phase === 'Succeeded') {
      const fresh = current();
      const history = [...(fresh?.status?.history ?? [])];
      const { revision, source } = syncResult as NonNullable<typeof syncResult>;
      const id = (history.at(-1)?.id ?? -1) + 1;
      history.push({ id, revision, source, deployStartedAt: state.startedAt, deployedAt: now() });
      state = { ...state, ...outcome, finishedAt: now() };
      const status = { ...fresh?.status, history: history.slice(-10), operationState: state };
      if (fresh) await write(argo, fresh, { status, operation: undefined });
      return;
    }
    if (retries >= limit) {
      const retried = retries > 0 ? ` (retried ${retries} times).` : '';
      await report(
        { ...outcome, message: `${message}${retried}`, finishedAt: now() },
        { operation: undefined },
      );
      return;
    }
    const delay = backoff(operation.retry, retries);
    const time = new Date(Date.now() + delay).toISOString().slice(11, 19);
    const next = `${message}. Retrying attempt #${retries + 1} at ${time}.`;
    await report({ ...outcome, phase: 'Running', message: next, finishedAt: now(), retryCount: retries + 1 });
    await sleep(delay, undefined, { signal: argo.signal });
  }
}

type Result = Pick<OperationState, 'phase' | 'message' | 'syncResult'>;

async function attempt(
  argo: Argo,
  application: Application,
  operation: Operation,
  report: (changed: Partial<OperationState>) => Promise<void>,
): Promise<Result> {
  const source = operation.sync.source ?? application.spec.source;
  const project = projectOf(argo, application);
  const problems = forbidden(application, project);
  if (problems.length > 0 || !project)
    return { phase: 'Error', message: `InvalidSpecError: ${problems.join(';')}` };
  try {
    const revision = operation.sync.revision || source.targetRevision || 'HEAD';
    const loaded = await argo.repoServer.load(
      { ...source, targetRevision: revision },
      { fresh: false, paths: generatePaths(application) },
    );
    const result = (resources: Outcome['resources']) => ({ revision: loaded.revision, source, resources });
    const { cluster, live, differ, signal } = argo;
    const { items } = await compare(cluster, live, application, project, loaded.objects, unasked);
    const { namespace = '' } = application.spec.destination;
    const hooks = loaded.objects
      .filter(isHook)
      .map(object => placed(object, application.metadata.name, namespace, true));
    const outcome = await sync(
      { cluster, live, differ, project, signal },
      items,
      hooks,
      operation.sync,
      (message, resources) => report({ message, syncResult: result(resources) }),
    );
    return { phase: outcome.phase, message: outcome.message, syncResult: result(outcome.resources) };
  } catch (error) {
    if (argo.signal.aborted) throw error;
    return { phase: 'Error', message: `ComparisonError: ${(error as Error).message}` };
  }
}

/** What is applied is applied whether it differs or not. */
const unasked: Differ = { agree: async () => false, applied: () => {} };

/** Milliseconds before a retry; Argo CD's defaults where the Application says nothing. */
function backoff({ backoff: given = {} }: Retry = {}, retries: number): number {
  const { duration = '5s', factor = 2, maxDuration = '3m' } = given;
  return Math.min(milliseconds(duration) * factor ** retries, milliseconds(maxDuration));
}

const units: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000 };

/** `5s`, `3m`, `1h`; a bare number is seconds. */
const milliseconds = (text: string): number => Number.parseFloat(text) * (units[text.at(-1) ?? ''] ?? 1000);

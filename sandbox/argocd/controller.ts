import { setTimeout as sleep } from 'node:timers/promises';
import { type Application, now, type Operation } from './application.ts';
import { type Argo, applicationKey, write } from './argo.ts';
import { dueSync } from './automation.ts';
import { ApiError } from './cluster.ts';
import { finalize, isCascading } from './deletion.ts';
import { annotation } from './object.ts';
import { observe, withTimes } from './observe.ts';
import { operate } from './operation.ts';

const refreshAnnotation = 'argocd.argoproj.io/refresh';

/** Between two looks, in milliseconds: events come in bursts, and every look that finds something is a large write. */
const quiet = 250;

/**
 * Looks at one Application until it rests: compares it, writes what it found, and starts to sync when that is due.
 * An operation runs beside it, one at a time.
 */
export function controller(argo: Argo, name: string) {
  let operation: { stop: AbortController; done: Promise<void> } | undefined;
  let looking: Promise<void> | undefined;
  let again = false;
  let heal: NodeJS.Timeout | undefined;

  const current = () => argo.live.get(applicationKey(argo.namespace, name)) as Application | undefined;

  function start(application: Application, requested: Operation): void {
    const stop = new AbortController();
    const signal = AbortSignal.any([argo.signal, stop.signal]);
    const done = operate({ ...argo, signal }, application, requested)
      .catch(unlessStopped(signal))
      .finally(() => {
        operation = undefined;
        look();
      });
    operation = { stop, done };
  }

  async function refresh(): Promise<void> {
    const idle = operation === undefined;
    const application = current();
    if (!application) return operation?.stop.abort();
    if (application.metadata.deletionTimestamp && isCascading(application)) {
      operation?.stop.abort();
      return finalize(argo, application);
    }
    if (application.status?.operationState?.phase === 'Terminating') return terminate(application);

    const asked = annotation(application, refreshAnnotation) !== undefined;
    const { status, comparison } = await observe(argo, application, asked);
    const due = idle && comparison ? dueSync(application, comparison, status.sync.revision) : undefined;
    const conditions = [...(status.conditions ?? []), ...(due?.problem ?? [])];
    const { [refreshAnnotation]: _, ...annotations } = application.metadata.annotations ?? {};
    const written = await write(argo, application, {
      status: { ...application.status, ...status, conditions: withTimes(application, conditions) },
      metadata: asked ? { ...application.metadata, annotations } : application.metadata,
    });

    clearTimeout(heal);
    if (!idle || application.metadata.deletionTimestamp) return;
    // Asked for by hand, or left over from an earlier life of this process.
    const state = application.status?.operationState;
    const requested = application.operation ?? (state?.phase === 'Running' ? state.operation : undefined);
    if (requested) start(written, requested);
    else if (due?.operation && due.after <= 0) start(written, due.operation);
    else if (due?.operation) heal = setTimeout(look, due.after).unref();
  }

  async function terminate(application: Application): Promise<void> {
    operation?.stop.abort();
    await operation?.done;
    const operationState = {
      ...application.status?.operationState,
      ...{ phase: 'Failed', message: 'Operation terminated', finishedAt: now() },
    };
    await write(argo, application, {
      status: { ...application.status, operationState },
      operation: undefined,
    });
  }

  /** Looks again, now or right after the look that is under way. */
  function look(): void {
    again = true;
    looking ??= (async () => {
      while (again && !argo.signal.aborted) {
        again = false;
        await refresh().catch(unlessStopped(argo.signal));
        await sleep(quiet);
      }
      looking = undefined;
    })();
  }

  async function stopped(): Promise<void> {
    clearTimeout(heal);
    await Promise.all([looking, operation?.done]);
  }

  return { look, stopped };
}

/** The API server may refuse a write that lost a race, or go away: the next look sees what is there then. */
const unlessStopped = (signal: AbortSignal) => (error: unknown) => {
  const passing = error instanceof ApiError || (error as NodeJS.ErrnoException).code !== undefined;
  if (!signal.aborted && !passing) throw error;
};

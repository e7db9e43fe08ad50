import type { Conclusion, Held, Progress, WorkflowJob } from '../github/workflow-runs.ts';
import { now } from '../github/world.ts';

export const progress = (status: Progress['status']): Progress => ({
  ...{ status, conclusion: null, startedAt: now(), completedAt: null },
});

export function finish(shown: Progress | Held, conclusion: Conclusion): void {
  Object.assign(shown, { status: 'completed', conclusion, completedAt: now() });
}

/** A job that did not have to run. */
export function skipped(id: number, name: string): WorkflowJob {
  const shown: WorkflowJob = { ...progress('queued'), id, name, steps: [], log: [] };
  finish(shown, 'skipped');
  return shown;
}

/** How all of them have ended together. */
export function worst(results: readonly Conclusion[]): Conclusion {
  const order = ['failure', 'cancelled', 'success', 'skipped'] as const;
  return order.find(each => results.includes(each)) ?? 'success';
}

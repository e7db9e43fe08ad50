import { newId } from './account.ts';
import { find, Refusal } from './refusal.ts';

export interface Operation {
  id: string;
  state: 'pending' | 'success' | 'failure';
  reason?: 'fault';
  message?: string;
  reference: { id: string; link: string; command: string };
}

export interface Operations {
  /**
   * Begins a piece of work and answers as the API does: `pending`, whatever becomes of it. A later read finds `success`
   * once `work` is done, `failure` with its message when it threw.
   * @param kind the path under /v2 of what the work is about: `sks-cluster`
   */
  start(zone: string, kind: string, id: string, work?: () => Promise<unknown>): Operation;
  /** @throws Refusal 404, also for an operation of another zone */
  get(zone: string, id: string): Operation;
  all(): Operation[];
}

export function createOperations(): Operations {
  const operations: { zone: string; id: string; operation: Operation }[] = [];
  return {
    start(zone, kind, id, work = async () => {}) {
      const operation: Operation = {
        id: newId(),
        state: 'pending',
        reference: { id, link: `/v2/${kind}/${id}`, command: `get-${kind}` },
      };
      operations.push({ zone, id: operation.id, operation });
      const pending = { ...operation };
      work().then(
        () => Object.assign(operation, { state: 'success' }),
        (error: Error) =>
          Object.assign(operation, { state: 'failure', reason: 'fault', message: error.message }),
      );
      return pending;
    },
    get: (zone, id) =>
      find(
        operations.filter(entry => entry.zone === zone),
        id,
      ).operation,
    all: () => operations.map(entry => entry.operation),
  };
}

/** @throws Refusal 409 while something else is under way with it */
export function ready<T extends { state: string }>(entry: T): T {
  if (entry.state !== 'running') throw new Refusal(409, `It is busy or broken: its state is ${entry.state}`);
  return entry;
}

/** Does the work, and leaves the entry running or in error. */
export async function settle(entry: { state: string }, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
    entry.state = 'running';
  } catch (error) {
    entry.state = 'error';
    throw error;
  }
}

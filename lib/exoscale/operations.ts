import { UserError } from '../runner/errors.ts';
import type { Machine, Send } from './request.ts';

export interface Operation {
  id: string;
  state: 'pending' | 'success' | 'failure' | 'timeout';
  reason?: string;
  message?: string;
}

const patience = 10 * 60_000;

/**
 * Waits for what a write has begun.
 * @param what completes "Exoscale could not …"
 * @throws UserError when it failed or is not done after ten minutes
 */
export async function settled(send: Send, machine: Machine, begun: Operation, what: string): Promise<void> {
  const deadline = machine.now() + patience;
  let operation = begun;
  // A filter or a user is made in a moment, a cluster in minutes.
  for (let pause = 100; operation.state === 'pending'; pause = Math.min(5000, pause * 1.5)) {
    if (machine.now() > deadline)
      throw new UserError(`Exoscale has not managed to ${what} in ten minutes: see its state in the console`);
    await machine.sleep(pause);
    operation = await send('GET', `/operation/${begun.id}`);
  }
  if (operation.state === 'success') return;
  const why = [operation.reason, operation.message].filter(Boolean).join(': ') || operation.state;
  throw new UserError(`Exoscale could not ${what} (${why}): run this again`);
}

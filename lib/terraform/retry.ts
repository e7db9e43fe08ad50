import { setTimeout as sleep } from 'node:timers/promises';
import { UserError, UserErrors } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';

const pauses = [5_000, 20_000];

/** Too many requests, a server that cannot at the moment, a gateway's page instead of JSON, a connection that broke. */
const passing =
  /\b(429|50[0234])\b|too many requests|service unavailable|bad gateway|gateway time-?out|connection (reset|refused)|unexpected eof|i\/o timeout|tls handshake timeout|no such host|invalid character '<'/i;

/** Whether an error may be gone in a minute. Asked only of what has changed nothing, so a wrong guess costs a minute. */
export const isPassing = (error: unknown): boolean =>
  (error instanceof UserErrors ? error.errors : error instanceof UserError ? [error] : []).some(
    ({ message }) => passing.test(message),
  );

/** Does what changes nothing again, when it failed for a reason that passes. */
export async function again<T>(runner: Runner, what: string, work: () => Promise<T>): Promise<T> {
  for (const pause of pauses) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error) || runner.stop.aborted) throw error;
      runner.info(`${what} failed for a reason that may pass, and is tried again in ${pause / 1000} s`);
      if (error instanceof Error) runner.info(error.message);
      await sleep(pause);
    }
  }
  return work();
}

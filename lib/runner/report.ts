import { UserError, UserErrors } from './errors.ts';
import type { Runner } from './runner.ts';

/** Says what went wrong in the user's words, or, for a bug of ours, where. */
export function reportError(runner: Runner, error: unknown): void {
  if (error instanceof UserErrors) for (const each of error.errors) runner.error(each.message, each.at);
  else if (error instanceof UserError) runner.error(error.message, error.at);
  else {
    runner.info(error instanceof Error ? (error.stack ?? error.message) : String(error));
    runner.error('This is a bug in Slipway: please report it with the stack above');
  }
}

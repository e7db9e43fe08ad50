import type { Runner, RunOptions } from '../runner/runner.ts';
import { type Finding, finding, isNews } from './diagnostics.ts';
import { isDone, isProgress, isTold, parseEvent } from './events.ts';

export interface Listener {
  onLine: NonNullable<RunOptions['onLine']>;
  errors: Finding[];
  warnings: Finding[];
}

/** Tells the events of a Terraform that runs in `directory` as they come, and keeps what it found wrong. */
export function listener(runner: Runner, directory: string): Listener {
  const errors: Finding[] = [];
  const warnings: Finding[] = [];
  return {
    errors,
    warnings,
    onLine(line, from) {
      const event = from === 'stdout' ? parseEvent(line) : undefined;
      if (!event) return;
      const { diagnostic, '@message': message } = event;
      if (diagnostic && isNews(diagnostic))
        (diagnostic.severity === 'error' ? errors : warnings).push(finding(diagnostic, directory));
      else if (isTold(event)) runner.info(message);
      else if (isProgress(event)) runner.progress(message);
    },
  };
}

/** Whether an apply that printed this did all that it was to do. */
export const cameToItsEnd = (stdout: string): boolean =>
  stdout.split('\n').some(line => {
    const event = parseEvent(line);
    return event !== undefined && isDone(event);
  });

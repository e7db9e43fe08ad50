import type { Diagnostic } from './diagnostics.ts';

/** https://developer.hashicorp.com/terraform/internals/machine-readable-ui */
export interface TerraformEvent {
  type: string;
  '@message': string;
  diagnostic?: Diagnostic;
  hook?: { action: string };
  changes?: { operation: string };
}

/** Undefined for what is not an event: `init` prints some plain lines in between. */
export function parseEvent(line: string): TerraformEvent | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as TerraformEvent;
  } catch {
    return undefined;
  }
}

/** Worth a line that stays in the log: what has been done. */
export const isTold = ({ type, hook }: TerraformEvent): boolean =>
  ['apply_complete', 'apply_errored'].includes(type) && hook?.action !== 'read';

const saidByThePlan = ['planned_change', 'resource_drift', 'change_summary', 'outputs', 'diagnostic'];

/** Worth showing while it goes on; types of the future too. The rendered plan says the rest better. */
export const isProgress = ({ type }: TerraformEvent): boolean => !saidByThePlan.includes(type);

/** What Terraform prints last when it has applied all of a plan. */
export const isDone = ({ type, changes }: TerraformEvent): boolean =>
  type === 'change_summary' && ['apply', 'destroy'].includes(changes?.operation ?? '');

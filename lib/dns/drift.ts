import { cutMarkdown } from '../github/cut.ts';
import { driftLimit } from '../github/drift.ts';
import type { Plan } from './plan.ts';

/**
 * Whether every name leads where it should. What is held or in conflict does not, or it cannot be told: that is drift too, until
 * a person has decided.
 */
export const isSettled = (plans: readonly Plan[]): boolean =>
  plans.every(
    ({ decisions, refusal, withheld }) =>
      refusal === undefined && withheld === undefined && decisions.every(({ kind }) => kind === 'keep'),
  );

/** What has drifted, as the issue tells it. */
export function driftMarkdown(environment: string, plan: string): string {
  const note = '_The rest is in the log of the run._';
  const shown = plan.length > driftLimit ? cutMarkdown(plan, driftLimit, note) : plan;
  return `${shown}\n\nA deploy of ${environment} takes this back, except what is held or in conflict, which a person must decide.`;
}

import type { Drift } from '../github/drift.ts';
import type { Plan } from './plan.ts';
import { markdown } from './render.ts';

/**
 * What has drifted, as the issue tells it; undefined where every name leads where it should. What is held or in conflict does not,
 * or it cannot be told: that is drift too, until a person has decided. Of what is as wished nothing is said, not even how much
 * that is: it would be other drift each time a host comes or goes.
 */
export function driftOf(environment: string, plans: readonly Plan[]): Drift | undefined {
  const drifted = plans.filter(plan => !isSettled(plan)).map(withoutSettled);
  if (drifted.length === 0) return undefined;
  return {
    found: markdown(drifted, { notes: [] }),
    advice: `A deploy of ${environment} takes this back, except what is held or in conflict, which a person must decide.`,
  };
}

const isSettled = ({ decisions, refusal, withheld }: Plan): boolean =>
  refusal === undefined && withheld === undefined && decisions.every(({ kind }) => kind === 'keep');

/** Each name that is withheld says so, and why they are tells how many names there are. */
const withoutSettled = ({ withheld: _, ...plan }: Plan): Plan => ({
  ...plan,
  decisions: plan.decisions.filter(({ kind }) => kind !== 'keep'),
});

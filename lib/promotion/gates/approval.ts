import type { Review } from '../../github/reviews.ts';
import { type Gate, passed, waits } from './gate.ts';

/**
 * Somebody has approved this run for an environment of GitHub's. The job waits for that before it starts, so all that is
 * planned and judged here was seen after the approval.
 */
export const approval = (environment: string): Gate => ({
  name: 'approval',
  judge(_, { reviews }) {
    if (!reviews)
      return waits('nobody can have approved it outside of a run of GitHub Actions: start the workflow');
    const isMeant = ({ environments }: Review) =>
      environments.some(each => each.toLowerCase() === environment.toLowerCase());
    const said = (state: Review['state']) => reviews.filter(each => isMeant(each) && each.state === state);
    const [rejection] = said('rejected');
    if (rejection)
      return waits(`${rejection.user} has rejected this run for "${environment}": start another`);
    const approvals = said('approved');
    if (approvals.length === 0)
      return waits(
        `this run was not approved for "${environment}": give its job \`environment: ${environment}\`, and that environment reviewers`,
      );
    return passed(
      `approved for "${environment}" by ${[...new Set(approvals.map(({ user }) => user))].join(', ')}`,
    );
  },
});

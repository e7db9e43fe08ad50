import type { Change, EnvironmentSettings } from '../change.ts';
import { listed, type Row } from '../row.ts';
import type { Wish } from '../wish.ts';
import type { Demand } from '../workflows.ts';
import type { EnvironmentState, GitHubWorld } from './observe.ts';
import { page, readable, row } from './rows.ts';

const untouched: EnvironmentState = {
  ...{ waitTimer: 0, preventSelfReview: false, reviewers: [], policy: null, branches: [], secrets: [] },
};
const mainAlone = { protected_branches: false, custom_branch_policies: true };

const settings = (state: EnvironmentState, wanted: Partial<EnvironmentSettings>): EnvironmentSettings => ({
  wait_timer: state.waitTimer,
  prevent_self_review: state.preventSelfReview,
  reviewers: state.reviewers.map(({ type, id }) => ({ type, id })),
  deployment_branch_policy: state.policy,
  ...(state.adminsBypass !== undefined && { can_admins_bypass: state.adminsBypass }),
  ...wanted,
});

/** What an environment lets in when all is done. */
const policyFor = ({ mainOnly }: Demand, { policy }: EnvironmentState) =>
  policy ?? (mainOnly ? mainAlone : null);

export function environmentRow(wish: Wish, world: GitHubWorld, demand: Demand): Row {
  const { environment, mainOnly } = demand;
  const link = page(wish, 'settings/environments');
  return readable(
    environment,
    world.environments.get(environment) ?? { unreadable: 'nobody asked' },
    state => {
      const found = state ?? untouched;
      const set: Change = {
        kind: 'environment',
        environment,
        body: settings(found, { deployment_branch_policy: policyFor(demand, found) }),
      };
      const branch: Change[] = mainOnly ? [{ kind: 'branch', environment, branch: 'main' }] : [];
      if (!state)
        return row(environment, 'missing', 'there is no such environment', { changes: [set, ...branch] });
      if (!mainOnly)
        return state.policy
          ? row(environment, 'wrong', 'pull requests cannot enter it', {
              todo: `let all branches in: ${link}`,
            })
          : row(environment, 'ok', 'there, also for pull requests');
      if (!state.policy)
        return row(environment, 'wrong', 'every branch may enter it', { changes: [set, ...branch] });
      // Where no branch has a classic protection rule, and a ruleset is none, GitHub lets all branches in.
      // https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments#deployment-branches-and-tags
      if (state.policy.protected_branches)
        return row(
          environment,
          'warning',
          'every protected branch may enter it, and any while none is protected',
          {
            todo: `choose "Selected branches and tags" with main alone: ${link}`,
          },
        );
      if (!state.branches.includes('main'))
        return row(environment, 'wrong', 'main may not enter it', { changes: branch });
      const others = state.branches.filter(each => each !== 'main');
      return others.length > 0
        ? row(environment, 'wrong', `${listed(others)} may enter it beside main`, {
            todo: `take it away: ${link}`,
          })
        : row(environment, 'ok', 'there, for main alone');
    },
  );
}

/** Where a deployment follows a promotion, and where the gate `approval` asks who has approved. */
export function reviewerRows(wish: Wish, world: GitHubWorld): Row[] {
  const promoted = Object.entries(wish.platform.environments).filter(([, { promote }]) => promote);
  const asked = promoted.flatMap(([, { promote }]) => promote?.approval ?? []);
  const wanted = [...new Set([...promoted.map(([name]) => name), ...asked])];
  return wanted.flatMap(environment => {
    const demand = wish.workflows.demands.find(each => each.environment === environment);
    if (!demand) return [];
    const name = `${environment}: reviewers`;
    const reading = world.environments.get(environment) ?? { unreadable: 'nobody asked' };
    return readable(name, reading, state => {
      const found = state ?? untouched;
      const isGate = asked.includes(environment);
      const fresh = [...world.reviewers].filter(([, id]) => !found.reviewers.some(each => each.id === id));
      const changes: Change[] =
        fresh.length === 0
          ? []
          : [
              {
                kind: 'environment',
                environment,
                body: settings(found, {
                  deployment_branch_policy: policyFor(demand, found),
                  reviewers: [
                    ...found.reviewers,
                    ...fresh.map(([, id]) => ({ type: 'User' as const, id })),
                  ].map(({ type, id }) => ({ type, id })),
                }),
              },
            ];
      if (found.reviewers.length > 0)
        return row(name, 'ok', listed(found.reviewers.map(each => each.name)), { changes });
      return row(
        name,
        isGate ? 'missing' : 'warning',
        isGate
          ? 'the gate "approval" waits for one, and there is none'
          : 'nobody is asked before it is deployed',
        changes.length > 0 ? { changes } : { todo: 'npm run slipway -- setup --apply --reviewer LOGIN' },
      );
    });
  });
}

/** GitHub takes a job's place in its concurrency group before it asks the reviewers, and gives it back when one has answered. */
export function waitingRow(wish: Wish, { waiting }: GitHubWorld): Row {
  const name = 'reviews';
  return readable(name, waiting, runs =>
    runs.length === 0
      ? row(name, 'ok', 'no run waits for one')
      : row(
          name,
          'warning',
          `${listed(runs)} ${runs.length === 1 ? 'waits' : 'wait'} for one, and every later deployment or teardown of the same environment waits behind`,
          { todo: `approve, reject or cancel: ${page(wish, 'actions?query=is%3Awaiting')}` },
        ),
  );
}

import type { Repository } from '../../github/repository.ts';
import type { Octokit } from '../../runner/runner.ts';
import { ask } from './ask.ts';

type Known = Awaited<ReturnType<Octokit['rest']['repos']['getRepoRuleset']>>['data'];
type Rule = NonNullable<Known['rules']>[number];

const name = 'What main asks for';

/** The ruleset of an earlier setup, be it turned off. A repository has 75 at most. */
export async function ownRuleset({ octokit, owner, repo }: Repository): Promise<Known | undefined> {
  const { rest } = octokit;
  const where = { owner, repo, includes_parents: false };
  const all = await ask('list the rulesets', request =>
    rest.repos.getRepoRulesets({ ...where, per_page: 100, request }),
  );
  const found = all.find(each => each.name === name);
  if (!found) return undefined;
  return ask(`read the ruleset "${name}"`, request =>
    rest.repos.getRepoRuleset({ ...where, ruleset_id: found.id, request }),
  );
}

/**
 * Whoever administers the repository can change it; nobody goes past it. What a team has added to it stays.
 * https://docs.github.com/en/rest/repos/rules
 */
export function ruleset(checks: readonly string[], known: Known | undefined) {
  const there = known?.rules ?? [];
  const asked = there.flatMap(rule =>
    rule.type === 'required_status_checks' ? (rule.parameters?.required_status_checks ?? []) : [],
  );
  const fresh = checks.filter(check => !asked.some(({ context }) => context === check));
  const ours: Rule[] = [
    { type: 'deletion' },
    { type: 'non_fast_forward' },
    {
      type: 'pull_request',
      parameters: {
        dismiss_stale_reviews_on_push: false,
        require_code_owner_review: false,
        require_last_push_approval: false,
        required_approving_review_count: 0,
        required_review_thread_resolution: false,
      },
    },
  ];
  const wanted: Rule = {
    type: 'required_status_checks',
    parameters: {
      strict_required_status_checks_policy: false,
      ...there.find(rule => rule.type === 'required_status_checks')?.parameters,
      required_status_checks: [...asked, ...fresh.map(context => ({ context }))],
    },
  };
  const others = there.filter(({ type }) => type !== wanted.type);
  const absent = ours.filter(({ type }) => !others.some(each => each.type === type));
  return {
    name,
    target: 'branch' as const,
    enforcement: 'active' as const,
    conditions: { ref_name: { include: ['~DEFAULT_BRANCH'], exclude: [] } },
    rules: [...others, ...absent, wanted],
  };
}

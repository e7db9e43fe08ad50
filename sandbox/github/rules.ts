import type { Rule, Ruleset } from './settings.ts';
import type { Protection, Repository } from './world.ts';

/** The rules of all active rulesets that are about a branch. */
export function rulesFor(
  { settings, defaultBranch }: Repository,
  branch: string,
): { ruleset: Ruleset; rule: Rule }[] {
  const names = [`refs/heads/${branch}`, '~ALL', ...(branch === defaultBranch ? ['~DEFAULT_BRANCH'] : [])];
  return settings.rulesets
    .filter(({ enforcement, conditions: { ref_name: on } }) => {
      const isIn = (patterns: string[]) => patterns.some(pattern => names.includes(pattern));
      return enforcement === 'active' && isIn(on.include) && !isIn(on.exclude);
    })
    .flatMap(ruleset => ruleset.rules.map(rule => ({ ruleset, rule })));
}

/** What holds for a branch, by its protection and by rulesets; undefined where nothing does. */
export function held(repository: Repository, branch: string): Protection | undefined {
  const protection = repository.protection.get(branch);
  const rules = rulesFor(repository, branch).map(({ rule }) => rule);
  if (!protection && rules.length === 0) return undefined;
  const checks = rules.flatMap(rule =>
    rule.type === 'required_status_checks'
      ? (rule.parameters?.required_status_checks ?? []).map(({ context }) => context)
      : [],
  );
  return {
    // A commit that comes by a push has no checks yet.
    pullRequests:
      protection?.pullRequests === true ||
      checks.length > 0 ||
      rules.some(({ type }) => type === 'pull_request'),
    checks: [...new Set([...(protection?.checks ?? []), ...checks])],
    admins: protection?.admins ?? true,
  };
}

import { repository as place, type Repository } from '../../github/repository.ts';
import { UserError } from '../../runner/errors.ts';
import type { Octokit, Runner } from '../../runner/runner.ts';
import type { BranchPolicy } from '../change.ts';
import type { Reading } from '../row.ts';
import { reading } from '../row.ts';
import { slugOf, type Wish } from '../wish.ts';
import { all, ask, orAbsent } from './ask.ts';

export interface EnvironmentState {
  waitTimer: number;
  preventSelfReview: boolean;
  /** Whether an administrator goes past all of this; undefined where GitHub does not tell. */
  adminsBypass?: boolean | undefined;
  reviewers: { type: 'User' | 'Team'; id: number; name: string }[];
  policy: BranchPolicy | null;
  /** The branches that are let in, where each is named. */
  branches: string[];
  /** Names alone: GitHub shows nobody a value. */
  secrets: string[];
}

export interface BranchRules {
  checks: string[];
  /** Nothing comes to it but by a pull request. */
  pullRequests: boolean;
}

export interface GitHubWorld {
  /** What the token sees; undefined when it sees no such repository. */
  repository: Reading<{ isPrivate: boolean; isAdmin: boolean; branch: string } | undefined>;
  actions: Reading<{ enabled: boolean; allowed?: string | undefined; pinned?: boolean | undefined }>;
  workflowPermissions: Reading<{ token: 'read' | 'write'; opensPullRequests: boolean }>;
  /** Undefined for an environment that is not there. */
  environments: Map<string, Reading<EnvironmentState | undefined>>;
  /** What the default branch asks for, by rulesets or by its protection. */
  rules: Reading<BranchRules>;
  /** The runs that wait for a review, or for a timer: `deploy #12`. The oldest comes first. */
  waiting: Reading<string[]>;
  /** The ids of those who are to be reviewers. */
  reviewers: Map<string, number>;
}

/** @throws UserError for a reviewer who is not there, before anything is changed */
export async function observeGitHub(
  runner: Runner,
  wish: Wish,
  token: string | undefined,
): Promise<GitHubWorld> {
  const names = wish.workflows.demands.map(({ environment }) => environment);
  if (token === undefined) return unseen(names, 'GITHUB_TOKEN is not set');
  const target = place(await runner.octokit(token), slugOf(wish));
  const repository = await reading(() => seen(target));
  if (!('value' in repository) || !repository.value) {
    const why = 'value' in repository ? 'the token does not see the repository' : repository.unreadable;
    return { ...unseen(names, why), repository };
  }
  const { branch } = repository.value;
  const { rest } = target.octokit;
  const where = { owner: target.owner, repo: target.repo };
  const [actions, workflowPermissions, environments, rules, waiting, reviewers] = await Promise.all([
    reading(async () => {
      const data = await ask('read the settings of Actions', request =>
        rest.actions.getGithubActionsPermissionsRepository({ ...where, request }),
      );
      const { enabled, allowed_actions: allowed } = data;
      return { enabled, allowed, pinned: (data as { sha_pinning_required?: boolean }).sha_pinning_required };
    }),
    reading(async () => {
      const data = await ask('read what workflows may do', request =>
        rest.actions.getGithubActionsDefaultWorkflowPermissionsRepository({ ...where, request }),
      );
      const { default_workflow_permissions: token, can_approve_pull_request_reviews: may } = data;
      return { token, opensPullRequests: may };
    }),
    Promise.all(
      names.map(async name => [name, await reading(() => environmentState(target, name))] as const),
    ),
    reading(() => branchRules(target, branch)),
    reading(async () => {
      const runs = await all(page =>
        ask('list the runs that wait for a review', request =>
          rest.actions.listWorkflowRunsForRepo({
            ...{ ...where, status: 'waiting', page, per_page: 100, request },
          }),
        ).then(({ total_count: total, workflow_runs: items }) => ({ total, items })),
      );
      return runs.map(({ run_number: number, name }) => `${name} #${number}`).toReversed();
    }),
    Promise.all(wish.reviewers.map(async login => [login, await idOf(target.octokit, login)] as const)),
  ]);
  return {
    ...{ repository, actions, workflowPermissions, rules, waiting },
    environments: new Map(environments),
    reviewers: new Map(reviewers),
  };
}

async function seen({ octokit, owner, repo }: Repository) {
  const data = await orAbsent(
    ask('read the repository', request => octokit.rest.repos.get({ owner, repo, request })),
  );
  if (!data) return undefined;
  const { private: isPrivate, permissions, default_branch: branch } = data;
  return { isPrivate, isAdmin: permissions?.admin === true, branch };
}

async function environmentState(target: Repository, name: string): Promise<EnvironmentState | undefined> {
  const { owner, repo, octokit } = target;
  const where = { owner, repo, environment_name: name };
  const { rest } = octokit;
  const found = await orAbsent(
    ask(`read the environment ${name}`, request => rest.repos.getEnvironment({ ...where, request })),
  );
  if (!found) return undefined;
  const policy = found.deployment_branch_policy ?? null;
  const [branches, secrets] = await Promise.all([
    policy?.custom_branch_policies
      ? all(page =>
          ask(`read which branches enter ${name}`, request =>
            rest.repos.listDeploymentBranchPolicies({ ...where, page, per_page: 100, request }),
          ).then(({ total_count: total, branch_policies: items }) => ({ total, items })),
        )
      : [],
    all(page =>
      ask(`list the secrets of ${name}`, request =>
        rest.actions.listEnvironmentSecrets({ ...where, page, per_page: 100, request }),
      ).then(({ total_count: total, secrets: items }) => ({ total, items })),
    ),
  ]);
  const rules = (found.protection_rules ?? []) as Rule[];
  const review = rules.find(({ type }) => type === 'required_reviewers');
  return {
    waitTimer: rules.find(({ type }) => type === 'wait_timer')?.wait_timer ?? 0,
    preventSelfReview: review?.prevent_self_review ?? false,
    adminsBypass: (found as { can_admins_bypass?: boolean }).can_admins_bypass,
    reviewers: (review?.reviewers ?? []).map(({ type, reviewer }) => ({
      ...{ type, id: reviewer.id, name: reviewer.login ?? reviewer.slug ?? String(reviewer.id) },
    })),
    policy,
    branches: branches.map(({ name = '' }) => name),
    secrets: secrets.map(({ name: secret }) => secret),
  };
}

interface Rule {
  type: string;
  wait_timer?: number;
  prevent_self_review?: boolean;
  reviewers?: { type: 'User' | 'Team'; reviewer: { id: number; login?: string; slug?: string } }[];
}

/** Rulesets, of the organization too, and the older protection of branches: either is enough. */
async function branchRules({ octokit, owner, repo }: Repository, branch: string): Promise<BranchRules> {
  const where = { owner, repo, branch };
  const [rules, protection] = await Promise.all([
    ask(`read the rules for ${branch}`, request =>
      octokit.rest.repos.getBranchRules({ ...where, per_page: 100, request }),
    ),
    orAbsent(
      ask(`read the protection of ${branch}`, request =>
        octokit.rest.repos.getBranchProtection({ ...where, request }),
      ),
    ),
  ]);
  const byRules = rules.flatMap(rule =>
    rule.type === 'required_status_checks'
      ? (rule.parameters?.required_status_checks ?? []).map(({ context }) => context)
      : [],
  );
  return {
    checks: [...byRules, ...(protection?.required_status_checks?.contexts ?? [])],
    pullRequests:
      rules.some(({ type }) => type === 'pull_request') ||
      protection?.required_pull_request_reviews !== undefined,
  };
}

async function idOf({ rest }: Octokit, login: string): Promise<number> {
  const user = await orAbsent(
    ask(`look up ${login}`, request => rest.users.getByUsername({ username: login, request })),
  );
  if (!user) throw new UserError(`There is nobody named ${login} on GitHub: --reviewer takes a login`);
  return user.id;
}

const unseen = (names: readonly string[], unreadable: string): GitHubWorld => ({
  repository: { unreadable },
  actions: { unreadable },
  workflowPermissions: { unreadable },
  environments: new Map(names.map(name => [name, { unreadable }])),
  rules: { unreadable },
  waiting: { unreadable },
  reviewers: new Map(),
});

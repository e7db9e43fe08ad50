import type { Schemas } from './shapes/accounts.ts';

/** What the pages under "Settings" hold. */
export interface Settings {
  /** Logins that may read and change all of this. */
  admins: Set<string>;
  actions: { enabled: boolean; allowed: 'all' | 'local_only' | 'selected'; pinned: boolean };
  workflows: { token: 'read' | 'write'; opensPullRequests: boolean };
  /** By their names in lower case: GitHub takes `Staging` and `staging` for the same. */
  environments: Map<string, Environment>;
  rulesets: Ruleset[];
}

export interface Environment {
  id: number;
  name: string;
  createdAt: string;
  updatedAt: string;
  waitTimer: number;
  preventSelfReview: boolean;
  adminsBypass: boolean;
  /** The ids of users. */
  reviewers: number[];
  policy: { protected_branches: boolean; custom_branch_policies: boolean } | null;
  branches: { id: number; name: string; type: 'branch' | 'tag' }[];
  /** The pair that secrets are encrypted for, made when it is first asked for. */
  key?: { id: string; publicKey: Uint8Array; privateKey: Uint8Array };
  secrets: Map<string, { value: string; createdAt: string; updatedAt: string }>;
}

/** One without rules and secrets, as GitHub also makes it where a job enters one that is not there. */
export const newEnvironment = (id: number, name: string, createdAt: string): Environment => ({
  ...{ id, name, createdAt, updatedAt: createdAt },
  ...{ waitTimer: 0, preventSelfReview: false, adminsBypass: true, reviewers: [], policy: null },
  ...{ branches: [], secrets: new Map() },
});

export interface Ruleset {
  id: number;
  name: string;
  target: 'branch';
  enforcement: 'active' | 'disabled' | 'evaluate';
  conditions: { ref_name: { include: string[]; exclude: string[] } };
  rules: Rule[];
  createdAt: string;
}

export type Rule =
  | { type: 'deletion' | 'non_fast_forward' }
  | Pick<Schemas['repository-rule-pull-request'], 'type' | 'parameters'>
  | Pick<Schemas['repository-rule-required-status-checks'], 'type' | 'parameters'>;

/** Those of a new repository, as a new organization has them. https://docs.github.com/en/actions/concepts/security/github_token */
export const newSettings = (): Settings => ({
  admins: new Set(),
  actions: { enabled: true, allowed: 'all', pinned: false },
  workflows: { token: 'read', opensPullRequests: false },
  environments: new Map(),
  rulesets: [],
});

/** For people to look at: of secrets their names. */
export const settingsSnapshot = ({ actions, workflows, environments, rulesets }: Settings) => ({
  ...{ actions, workflows, rulesets },
  environments: Object.fromEntries(
    [...environments.values()].map(({ name, policy, branches, reviewers, secrets }) => [
      name,
      { policy, branches: branches.map(each => each.name), reviewers, secrets: [...secrets.keys()] },
    ]),
  ),
});

/** All of an environment's settings: GitHub takes them together, and what is left out is gone. */
export interface EnvironmentSettings {
  wait_timer: number;
  prevent_self_review: boolean;
  reviewers: { type: 'User' | 'Team'; id: number }[];
  /** Not everywhere, and in no list of GitHub's: what is left out is true. */
  can_admins_bypass?: boolean;
  deployment_branch_policy: BranchPolicy | null;
}

export interface BranchPolicy {
  protected_branches: boolean;
  custom_branch_policies: boolean;
}

/** One write. Secrets are named, never held: a change can be shown to anybody. */
export type Change =
  | { kind: 'actions'; body: { enabled: boolean; allowed_actions?: string; sha_pinning_required: boolean } }
  | {
      kind: 'workflow permissions';
      body: { default_workflow_permissions: 'read' | 'write'; can_approve_pull_request_reviews: boolean };
    }
  | { kind: 'environment'; environment: string; body: EnvironmentSettings }
  | { kind: 'branch'; environment: string; branch: string }
  /** `from` is the variable that holds it; without one it is made, the same in all environments. */
  | { kind: 'secret'; environment: string; name: string; from?: string }
  /** Takes it away, so that whoever is stopped before it is set again still misses it. */
  | { kind: 'no secret'; environment: string; name: string }
  | { kind: 'ruleset'; checks: string[] }
  | { kind: 'bucket'; name: string; zone: string }
  | { kind: 'versioning'; name: string; zone: string };

/** What a change does, as it reads after a mark. */
export function describe(change: Change): string {
  switch (change.kind) {
    case 'actions':
      return 'turns Actions on, for those alone that are pinned by commit';
    case 'workflow permissions': {
      const { can_approve_pull_request_reviews: opens } = change.body;
      return `makes the token of workflows read-only${opens ? ', and lets them open pull requests' : ''}`;
    }
    case 'environment': {
      const { reviewers, deployment_branch_policy: policy } = change.body;
      const count = reviewers.length === 1 ? 'one reviewer' : `${reviewers.length} reviewers`;
      const how = [
        ...(policy ? ['for named branches'] : []),
        ...(reviewers.length > 0 ? [`with ${count}`] : []),
      ];
      return [`sets up the environment ${change.environment}`, ...how].join(' ');
    }
    case 'branch':
      return `lets ${change.branch} into ${change.environment}`;
    case 'secret':
      return `sets ${change.name} in ${change.environment}${change.from === undefined ? ', made at random' : ` from ${change.from}`}`;
    case 'no secret':
      return `takes the old ${change.name} out of ${change.environment}`;
    case 'ruleset':
      return `makes a ruleset by which main takes pull requests alone, with the check ${change.checks.join(', ')}`;
    case 'bucket':
      return `makes the bucket ${change.name} in ${change.zone}`;
    case 'versioning':
      return `keeps older versions in ${change.name}`;
  }
}

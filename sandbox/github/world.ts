import { randomBytes } from 'node:crypto';
import { notFound } from './errors.ts';
import type { Objects, Person } from './objects.ts';
import type { Grants } from './permissions.ts';
import type { Settings } from './settings.ts';
import type { RepositoryEvent, Runner, WorkflowRun } from './workflow-runs.ts';

export interface Account {
  login: string;
  id: number;
  type: 'User' | 'Bot' | 'Organization';
}

export interface Protection {
  /** Pushes are refused: changes come through a pull request. */
  pullRequests: boolean;
  /** The contexts of checks that a pull request must have passed. */
  checks: string[];
  admins: boolean;
}

export interface Repository {
  id: number;
  owner: Account;
  name: string;
  private: boolean;
  /** Read by anybody, written by nobody: a copy of somebody else's. */
  mirror: boolean;
  defaultBranch: string;
  createdAt: string;
  pushedAt: string;
  objects: Objects;
  protection: Map<string, Protection>;
  /** Issues and pull requests share their numbers. */
  issues: Map<number, Issue>;
  deployments: Deployment[];
  statuses: CommitStatus[];
  checkRuns: CheckRun[];
  /** What people have said to runs of workflows that waited for environments, by the run's id. */
  runs: Map<number, Review[]>;
  attestations: Attestation[];
  workflowRuns: WorkflowRun[];
  /** Where branches were when they were last looked at: what has moved since is a push. */
  heads: Map<string, string>;
  /** Tells whoever runs workflows. */
  emit(event: RepositoryEvent): void;
  settings: Settings;
}

export interface Review {
  state: 'approved' | 'rejected' | 'pending';
  environments: string[];
  user: Account;
  comment: string;
}

export interface Attestation {
  /** `sha256:…` */
  digest: string;
  predicateType: string;
  bundle: Record<string, unknown>;
}

export interface Issue {
  id: number;
  number: number;
  title: string;
  body: string | null;
  author: Account;
  open: boolean;
  /** Why it was closed, or that it was opened again; pull requests have none. */
  stateReason: 'completed' | 'not_planned' | 'duplicate' | 'reopened' | null;
  createdAt: string;
  updatedAt: string;
  closedAt: string | null;
  labels: string[];
  comments: Comment[];
  pull?: Pull;
}

export type PullRequest = Issue & { pull: Pull };

export interface Pull {
  head: string;
  base: string;
  headSha: string;
  baseSha: string;
  draft: boolean;
  /** `from` and `sha` are what the base branch pointed to before and after. */
  merged?: { at: string; by: Account; from: string; sha: string };
}

export interface Comment {
  id: number;
  body: string;
  author: Account;
  createdAt: string;
  updatedAt: string;
  /** Every body it ever had, the first one included, once there is more than one. */
  edits: { id: string; body: string; at: string; editor: Account }[];
}

export interface Deployment {
  id: number;
  sha: string;
  ref: string;
  task: string;
  environment: string;
  description: string | null;
  payload: Record<string, unknown>;
  transient: boolean;
  production: boolean;
  creator: Account;
  createdAt: string;
  statuses: DeploymentStatus[];
}

export interface DeploymentStatus {
  id: number;
  /** `waiting` is set by GitHub itself, where an environment asks its reviewers. */
  state: 'error' | 'failure' | 'inactive' | 'in_progress' | 'queued' | 'pending' | 'success' | 'waiting';
  description: string;
  environment: string;
  environmentUrl: string;
  logUrl: string;
  creator: Account;
  createdAt: string;
}

export interface CommitStatus {
  id: number;
  sha: string;
  state: 'error' | 'failure' | 'pending' | 'success';
  context: string;
  description: string | null;
  targetUrl: string | null;
  creator: Account;
  createdAt: string;
}

export interface CheckRun {
  id: number;
  sha: string;
  name: string;
  status: 'queued' | 'in_progress' | 'completed';
  conclusion:
    | 'success'
    | 'failure'
    | 'neutral'
    | 'cancelled'
    | 'skipped'
    | 'timed_out'
    | 'action_required'
    | null;
  detailsUrl: string | null;
  externalId: string | null;
  title: string | null;
  summary: string | null;
  text: string | null;
  startedAt: string;
  completedAt: string | null;
}

export type World = ReturnType<typeof createWorld>;

/** All that GitHub knows beside git's objects. */
export function createWorld() {
  const accounts = new Map<string, Account>();
  const tokens = new Map<string, Account>();
  const grants = new Map<string, Grants>();
  const repositories = new Map<string, Repository>();
  const runner: { current?: Runner } = {};
  // As large as GitHub's own are by now: more than 32 bits hold.
  let lastId = 3_000_000_000;
  const nextId = () => ++lastId;

  function account(login: string, type: Account['type'] = login.endsWith('[bot]') ? 'Bot' : 'User'): Account {
    const known = accounts.get(login.toLowerCase());
    if (known) return known;
    // The id of GitHub's own bot is part of its commit address, which people look for.
    const created = { login, id: login === 'github-actions[bot]' ? 41898282 : nextId(), type };
    accounts.set(login.toLowerCase(), created);
    return created;
  }

  /**
   * A token that acts as this account; apps' tokens (a workflow's GITHUB_TOKEN too) begin with ghs_.
   * @param allowed what it may do; everything unless told
   */
  function token(login: string, allowed?: Grants): string {
    const holder = account(login);
    const value = `${holder.type === 'Bot' ? 'ghs' : 'ghp'}_${randomBytes(18).toString('hex')}`;
    tokens.set(value, holder);
    if (allowed) grants.set(value, allowed);
    return value;
  }

  return {
    accounts,
    tokens,
    /** Of the tokens that may not do everything. */
    grants,
    repositories,
    /** Who runs workflows, if anybody does. */
    runner,
    nextId,
    account,
    token,
    /** Names are case-insensitive. */
    find: (slug: string) => repositories.get(slug.toLowerCase()),
    /** @throws ApiError 404 */
    repository(owner: string, name: string): Repository {
      const found = repositories.get(`${owner}/${name}`.toLowerCase());
      if (!found) throw notFound();
      return found;
    },
  };
}

/** Whole seconds, as GitHub tells time. */
export const now = () => new Date().toISOString().replace(/\.\d+Z$/, 'Z');

export const slug = (repository: Repository) => `${repository.owner.login}/${repository.name}`;

export const isPull = (issue: Issue): issue is PullRequest => issue.pull !== undefined;

/** The address that GitHub gives to commits made in an account's name. */
export const person = (account: Account, date = now()): Person => ({
  name: account.login,
  email: `${account.id}+${account.login}@users.noreply.github.com`,
  date,
});

/** Who commits what is made through GitHub itself. */
export const webFlow = (date = now()): Person => ({ name: 'GitHub', email: 'noreply@github.com', date });

export function nextNumber(repository: Repository): number {
  return repository.issues.size + 1;
}

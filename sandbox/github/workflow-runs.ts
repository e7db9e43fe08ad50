import type { Account, Deployment, Repository } from './world.ts';

/** What happened in a repository that a workflow may be waiting for. */
export type RepositoryEvent = { by: Account } & (
  | {
      name: 'push';
      branch: string;
      /** Undefined for a branch that is new. */
      before: string | undefined;
      after: string;
    }
  | { name: 'pull_request'; action: 'opened' | 'synchronize' | 'reopened' | 'closed'; number: number }
  | { name: 'workflow_dispatch'; file: string; ref: string; inputs: Record<string, string> }
  | { name: 'repository_dispatch'; type: string; payload: Record<string, unknown> }
  | { name: 'schedule'; file: string }
);

/** What runs workflows. Nothing does unless somebody has said so: then events pass unheard. */
export interface Runner {
  happened(repository: Repository, event: RepositoryEvent): void;
  /**
   * A workflow that is started by hand.
   * @throws ApiError 404 when there is no such file, 422 when it does not take that
   */
  dispatch(
    repository: Repository,
    wish: { file: string; ref: string; inputs: Record<string, unknown>; by: Account },
  ): Promise<void>;
  cancel(run: WorkflowRun): void;
}

export type Conclusion = 'success' | 'failure' | 'cancelled' | 'skipped';

export interface Progress {
  status: 'queued' | 'in_progress' | 'completed';
  conclusion: Conclusion | null;
  startedAt: string;
  completedAt: string | null;
}

/** The same of what can be held by an environment: `waiting` is for somebody who reviews. */
export interface Held extends Omit<Progress, 'status'> {
  status: Progress['status'] | 'waiting';
}

export interface WorkflowRun extends Held {
  id: number;
  /** Of its workflow's runs, from 1. */
  number: number;
  /** The workflow's name. */
  name: string;
  /** `.github/workflows/deploy.yml` */
  path: string;
  event: RepositoryEvent['name'];
  title: string;
  /** Undefined where an event has none. */
  branch: string | undefined;
  sha: string;
  actor: Account;
  createdAt: string;
  jobs: WorkflowJob[];
  /** What holds jobs of it. */
  pending: PendingReview[];
  artifacts: Artifact[];
  /** Why nothing could be run at all: a file that is no workflow, say. */
  problem?: string;
}

/** A job that waits for somebody's review. */
export interface PendingReview {
  /** The environment's name, as its settings have it. */
  environment: string;
  since: string;
  /** GitHub's record of the job; none where it wants none. */
  deployment: Deployment | undefined;
  answer(state: 'approved' | 'rejected'): void;
}

export interface WorkflowJob extends Held {
  id: number;
  /** As GitHub shows it: `staging / deploy`, `plan (production)` */
  name: string;
  environment?: string;
  steps: (Progress & { name: string; number: number })[];
  /** What anybody may read of it, without the runner's commands; each line with the step's number, from 1. */
  log: { step: number; text: string }[];
}

export interface Artifact {
  id: number;
  name: string;
  /** Where its files lie. */
  folder: string;
  bytes: number;
  createdAt: string;
}

/** GitHub gives every file a number; here it is one that is always the same. */
export const workflowId = (path: string): number =>
  [...path].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_000_007, 7);

export const fileName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

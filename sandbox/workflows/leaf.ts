import type { Grants } from '../github/permissions.ts';
import type { Conclusion, WorkflowJob, WorkflowRun } from '../github/workflow-runs.ts';
import { now, type Repository } from '../github/world.ts';
import { grantsOf } from './called.ts';
import type { Entry, Concurrency as Groups, Wish } from './concurrency.ts';
import type { Entering } from './environments.ts';
import type { Event } from './event.ts';
import { type Contexts, interpolate, text } from './expressions.ts';
import type { Combination } from './matrix.ts';
import { finish, progress } from './progress.ts';
import type { Concurrency, Job, Workflow } from './workflow.ts';

/** A job that is about to run: one combination of one job, with all that GitHub has decided about it. */
export interface Leaf {
  workflow: Workflow;
  id: string;
  job: Job;
  matrix: Combination;
  /** What the called workflow was given; undefined where none was called. */
  called: Record<string, unknown> | undefined;
  github: Contexts;
  secrets: Record<string, string>;
  /** Undefined for a job without; `isDeployment` where GitHub records one. */
  environment: { name: string; isDeployment: boolean } | undefined;
  /** What its token may do. */
  grants: Grants;
  signal: AbortSignal;
}

export interface World {
  repository: Repository;
  run: WorkflowRun;
  event: Event;
  groups: Groups;
  signal: AbortSignal;
  cancel(): void;
  nextId(): number;
  /** Of the repository, or of one of its environments. */
  secrets(environment?: string): Record<string, string>;
  /** Does a job's work once its environment lets it in. */
  enter(entering: Entering, work: () => Promise<Conclusion>): Promise<Conclusion>;
  /** Runs the steps, and tells them and the log in `shown`. */
  start(leaf: Leaf, shown: WorkflowJob): Promise<Conclusion>;
}

/** Where jobs stand together: a workflow, or one that a job calls. */
export interface Scope {
  workflow: Workflow;
  github: Contexts;
  inputs: Record<string, unknown>;
  called: boolean;
  /** What the caller hands over; undefined when it hands over all that it has. */
  secrets: Record<string, string> | undefined;
  /** What the calling job may do: a called one may not do more. */
  granted?: Grants;
  /** `staging / ` before the names of a called workflow's jobs. */
  prefix: string;
}

interface Combined {
  id: string;
  job: Job;
  matrix: Combination;
  name: string;
  contexts: Contexts;
  /** What breaks it off. */
  cancelled: AbortSignal;
}

/** One combination of a job: queued, in its turn of its group, let in by its environment, with the secrets of that. */
export async function executeLeaf(
  world: World,
  scope: Scope,
  { id, job, matrix, name, contexts, cancelled }: Combined,
): Promise<Conclusion> {
  const shown: WorkflowJob = { ...progress('queued'), id: world.nextId(), name, steps: [], log: [] };
  world.run.jobs.push(shown);
  const stop = new AbortController();
  const signal = AbortSignal.any([cancelled, stop.signal]);
  try {
    const environment = environmentOf(job, contexts);
    if (environment) shown.environment = environment.name;
    const leaf: Omit<Leaf, 'secrets'> = {
      ...{ workflow: scope.workflow, id, job, matrix, github: scope.github, environment, signal },
      called: scope.called ? scope.inputs : undefined,
      grants: grantsOf(scope, id, job),
    };
    const work = () => {
      // What its environment holds a job sees when it is let in.
      const secrets = {
        ...(scope.secrets ?? world.secrets()),
        ...(environment && !scope.secrets && world.secrets(environment.name)),
      };
      Object.assign(shown, { status: 'in_progress', startedAt: now() });
      return world.start({ ...leaf, secrets }, shown);
    };
    // The place in the group comes first: a job that nobody reviews keeps the others of its group waiting.
    const result = await alone(
      world,
      job.concurrency,
      contexts,
      signal,
      () => (environment ? world.enter({ environment, shown, signal }, work) : work()),
      () => stop.abort(),
    );
    finish(shown, result);
    return result;
  } catch (error) {
    shown.log.push({ step: 0, text: `Error: ${(error as Error).message}` });
    finish(shown, 'failure');
    return 'failure';
  }
}

function environmentOf({ environment }: Job, contexts: Contexts): Leaf['environment'] {
  if (environment === undefined) return undefined;
  const { name, deployment = true } = typeof environment === 'string' ? { name: environment } : environment;
  const known = text(interpolate(name, contexts));
  return known === ''
    ? undefined
    : { name: known, isDeployment: text(interpolate(deployment, contexts)) !== 'false' };
}

/** Does something while nobody else of its group does; without a group at once. */
export async function alone(
  world: World,
  wish: Concurrency | undefined,
  contexts: Contexts,
  signal: AbortSignal,
  work: () => Promise<Conclusion>,
  cancel: () => void = () => {},
): Promise<Conclusion> {
  // A signal that has fired tells nobody any more who begins to listen.
  if (signal.aborted) return 'cancelled';
  if (wish === undefined) return work();
  const asked = wishOf(world.repository, wish, contexts);
  const entry: Entry = { cancel };
  const withdraw = () => world.groups.withdraw(entry);
  signal.addEventListener('abort', withdraw);
  try {
    if ((await world.groups.enter(asked, entry)) === 'cancelled') return 'cancelled';
    return signal.aborted ? 'cancelled' : await work();
  } finally {
    signal.removeEventListener('abort', withdraw);
    world.groups.leave(asked.group, entry);
  }
}

function wishOf({ id }: Repository, wish: Concurrency, contexts: Contexts): Wish {
  const {
    group,
    queue,
    'cancel-in-progress': cancel = false,
  } = typeof wish === 'string' ? ({ group: wish } as Exclude<Concurrency, string>) : wish;
  return {
    group: `${id}/${text(interpolate(group, contexts))}`,
    cancelInProgress: text(interpolate(cancel, contexts)) === 'true',
    queueAll: queue === 'max',
  };
}

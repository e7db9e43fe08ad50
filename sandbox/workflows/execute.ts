import { workflowFiles } from '../github/workflow-files.ts';
import type { Conclusion, Progress, WorkflowJob, WorkflowRun } from '../github/workflow-runs.ts';
import { now, type Repository } from '../github/world.ts';
import type { Entry, Concurrency as Groups, Wish } from './concurrency.ts';
import type { Event } from './event.ts';
import { type Contexts, interpolate, isTrue, text } from './expressions.ts';
import { typedInputs } from './inputs.ts';
import { type Combination, combinations } from './matrix.ts';
import { type Concurrency, type Job, list, readWorkflow, type Workflow } from './workflow.ts';

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
  /** Runs the steps, and tells them and the log in `shown`. */
  start(leaf: Leaf, shown: WorkflowJob): Promise<Conclusion>;
}

/** Where jobs stand together: a workflow, or one that a job calls. */
interface Scope {
  workflow: Workflow;
  github: Contexts;
  inputs: Record<string, unknown>;
  called: boolean;
  /** What the caller hands over; undefined when it hands over all that it has. */
  secrets: Record<string, string> | undefined;
  /** `staging / ` before the names of a called workflow's jobs. */
  prefix: string;
}

type Ended = Record<string, { result: Conclusion; outputs: Record<string, unknown> }>;

/** Runs a workflow's jobs, each as soon as those that it needs have ended. */
export async function execute(world: World, workflow: Workflow, github: Contexts): Promise<Conclusion> {
  const { event, signal } = world;
  const declared = workflow.on.workflow_dispatch?.inputs;
  const given = event.payload.inputs as Record<string, unknown> | undefined;
  const inputs = event.trigger.name === 'workflow_dispatch' ? typedInputs(declared, given ?? {}) : {};
  const scope = { workflow, github, inputs, called: false, secrets: undefined, prefix: '' };
  const work = () => executeJobs(world, scope);
  return alone(world, workflow.concurrency, { github, inputs }, signal, work, world.cancel);
}

async function executeJobs(world: World, scope: Scope): Promise<Conclusion> {
  const { jobs } = scope.workflow;
  const running = new Map<string, Promise<Ended[string]>>();
  const start = (id: string, on: readonly string[] = []): Promise<Ended[string]> => {
    const known = running.get(id);
    if (known) return known;
    const job = jobs[id];
    if (!job || on.includes(id))
      throw new Error(
        `${scope.workflow.path}: ${on.at(-1)} needs ${id}, which ${job ? 'needs it' : 'is no job'}`,
      );
    const before = list(job.needs).map(need => [need, start(need, [...on, id])] as const);
    const result = Promise.all(before.map(async ([need, end]) => [need, await end] as const)).then(
      async ended => ({
        ...{ result: await executeJob(world, scope, id, job, Object.fromEntries(ended)), outputs: {} },
      }),
    );
    running.set(id, result);
    return result;
  };
  const ended = await Promise.all(Object.keys(jobs).map(id => start(id)));
  return worst(ended.map(({ result }) => result));
}

async function executeJob(
  world: World,
  scope: Scope,
  id: string,
  job: Job,
  needs: Ended,
): Promise<Conclusion> {
  const { github, inputs, prefix } = scope;
  if (job.outputs)
    throw new Error(`${scope.workflow.path}: the sandbox does not hand on the outputs of ${id}`);
  const contexts = { github, inputs, needs };
  const before = Object.values(needs).map(({ result }) => result);
  const ended = {
    // One that was skipped keeps those from running that ask for success.
    succeeded: !world.signal.aborted && before.every(each => each === 'success'),
    failed: before.includes('failure'),
    cancelled: world.signal.aborted || before.includes('cancelled'),
  };
  const title = prefix + (job.name ? text(interpolate(job.name, contexts)) : id);
  if (!isTrue(job.if, contexts, ended)) {
    world.run.jobs.push(skipped(world, title));
    return 'skipped';
  }
  if (job.uses) return call(world, scope, { id, job, title, contexts });
  const results = combinations(job.strategy).map(async matrix => {
    const values = Object.values(matrix).map(text);
    const name = values.length > 0 && !job.name ? `${title} (${values.join(', ')})` : title;
    return executeLeaf(world, scope, { id, job, matrix, name, contexts: { ...contexts, matrix } });
  });
  return worst(await Promise.all(results));
}

interface Called {
  id: string;
  job: Job;
  title: string;
  contexts: Contexts;
}

/** https://docs.github.com/en/actions/how-tos/reuse-automations/reuse-workflows */
async function call(world: World, scope: Scope, { job, title, contexts }: Called): Promise<Conclusion> {
  const path = job.uses?.replace(/^\.\//, '') ?? '';
  const files = await workflowFiles(world.repository, world.event.sha);
  const file = files.find(each => each.path === path);
  if (!file)
    throw new Error(`${scope.workflow.path}: ${job.uses} is not in this commit, and no other is called here`);
  const workflow = readWorkflow(file);
  const { on } = workflow;
  if (!Object.hasOwn(on, 'workflow_call'))
    throw new Error(`${path} cannot be called: it has no workflow_call`);
  const own = scope.secrets ?? world.secrets();
  const given =
    job.secrets === 'inherit'
      ? scope.secrets
      : named(interpolate(job.secrets ?? {}, { ...contexts, secrets: own }));
  const inputs = typedInputs(
    on.workflow_call?.inputs,
    interpolate(job.with ?? {}, contexts) as object as Record<string, unknown>,
  );
  return executeJobs(world, {
    ...{ workflow, github: scope.github, inputs, called: true, secrets: given, prefix: `${title} / ` },
  });
}

interface Combined {
  id: string;
  job: Job;
  matrix: Combination;
  name: string;
  contexts: Contexts;
}

async function executeLeaf(
  world: World,
  scope: Scope,
  { id, job, matrix, name, contexts }: Combined,
): Promise<Conclusion> {
  const shown: WorkflowJob = { ...progress('queued'), id: world.nextId(), name, steps: [], log: [] };
  world.run.jobs.push(shown);
  const stop = new AbortController();
  const signal = AbortSignal.any([world.signal, stop.signal]);
  try {
    const environment = environmentOf(job, contexts);
    if (environment) shown.environment = environment.name;
    const secrets = {
      ...(scope.secrets ?? world.secrets()),
      ...(environment && !scope.secrets && world.secrets(environment.name)),
    };
    const leaf: Leaf = {
      ...{ workflow: scope.workflow, id, job, matrix, github: scope.github, secrets, environment, signal },
      called: scope.called ? scope.inputs : undefined,
    };
    const result = await alone(
      world,
      job.concurrency,
      contexts,
      signal,
      async () => {
        Object.assign(shown, { status: 'in_progress', startedAt: now() });
        return world.start(leaf, shown);
      },
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
async function alone(
  world: World,
  wish: Concurrency | undefined,
  contexts: Contexts,
  signal: AbortSignal,
  work: () => Promise<Conclusion>,
  cancel: () => void = () => {},
): Promise<Conclusion> {
  const cancelled = () => (signal.aborted ? 'cancelled' : undefined);
  if (wish === undefined) return cancelled() ?? (await work());
  const asked = wishOf(world.repository, wish, contexts);
  const entry: Entry = { cancel };
  const withdraw = () => world.groups.withdraw(entry);
  signal.addEventListener('abort', withdraw);
  try {
    if ((await world.groups.enter(asked, entry)) === 'cancelled') return 'cancelled';
    return cancelled() ?? (await work());
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

const named = (values: unknown): Record<string, string> =>
  Object.fromEntries(Object.entries(values as object).map(([name, value]) => [name, text(value)]));

export const progress = (status: Progress['status']): Progress => ({
  ...{ status, conclusion: null, startedAt: now(), completedAt: null },
});

export function finish(shown: Progress, conclusion: Conclusion): void {
  Object.assign(shown, { status: 'completed', conclusion, completedAt: now() });
}

function skipped(world: World, name: string): WorkflowJob {
  const shown: WorkflowJob = { ...progress('queued'), id: world.nextId(), name, steps: [], log: [] };
  finish(shown, 'skipped');
  return shown;
}

/** How all of them have ended together. */
function worst(results: readonly Conclusion[]): Conclusion {
  const order = ['failure', 'cancelled', 'success', 'skipped'] as const;
  return order.find(each => results.includes(each)) ?? 'success';
}

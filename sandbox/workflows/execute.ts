import type { Conclusion } from '../github/workflow-runs.ts';
import { assertCalls, calledWorkflow, grantsOf } from './called.ts';
import { type Contexts, interpolate, isTrue, text } from './expressions.ts';
import { typedInputs } from './inputs.ts';
import { alone, executeLeaf, type Scope, type World } from './leaf.ts';
import { combinations } from './matrix.ts';
import { skipped, worst } from './progress.ts';
import { type Job, list, type Workflow } from './workflow.ts';

/** How a job has ended, and in `all` how it and every job before it have: its own needs, theirs, and so on. */
interface End {
  result: Conclusion;
  all: readonly Conclusion[];
}

/** Runs a workflow's jobs, each as soon as those that it needs have ended. */
export async function execute(world: World, workflow: Workflow, github: Contexts): Promise<Conclusion> {
  const { event, signal } = world;
  const declared = workflow.on.workflow_dispatch?.inputs;
  const given = event.payload.inputs as Record<string, unknown> | undefined;
  const inputs = event.trigger.name === 'workflow_dispatch' ? typedInputs(declared, given ?? {}) : {};
  const scope = { workflow, github, inputs, called: false, secrets: undefined, prefix: '' };
  await assertCalls(world, scope);
  const work = () => executeJobs(world, scope);
  return alone(world, workflow.concurrency, { github, inputs }, signal, work, world.cancel);
}

async function executeJobs(world: World, scope: Scope): Promise<Conclusion> {
  const { jobs } = scope.workflow;
  const running = new Map<string, Promise<End>>();
  const start = (id: string, on: readonly string[] = []): Promise<End> => {
    const known = running.get(id);
    if (known) return known;
    const job = jobs[id];
    if (!job || on.includes(id))
      throw new Error(
        `${scope.workflow.path}: ${on.at(-1)} needs ${id}, which ${job ? 'needs it' : 'is no job'}`,
      );
    const before = list(job.needs).map(need => [need, start(need, [...on, id])] as const);
    const result = Promise.all(before.map(async ([need, end]) => [need, await end] as const)).then(
      async ended => {
        const own = await executeJob(world, scope, id, job, Object.fromEntries(ended));
        return { result: own, all: [own, ...ended.flatMap(([, { all }]) => all)] };
      },
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
  before: Record<string, End>,
): Promise<Conclusion> {
  const { github, inputs, prefix } = scope;
  if (job.outputs)
    throw new Error(`${scope.workflow.path}: the sandbox does not hand on the outputs of ${id}`);
  const needs = Object.fromEntries(
    Object.entries(before).map(([need, { result }]) => [need, { result, outputs: {} }]),
  );
  const contexts = { github, inputs, needs };
  // All that came before counts, however far: one that was skipped skips all below that do not say otherwise.
  // https://github.com/actions/runner/issues/491
  const all = Object.values(before).flatMap(each => each.all);
  const ended = {
    succeeded: !world.signal.aborted && all.every(each => each === 'success'),
    failed: all.includes('failure'),
    cancelled: world.signal.aborted,
  };
  const title = prefix + (job.name ? text(interpolate(job.name, contexts)) : id);
  if (!isTrue(job.if, contexts, ended)) {
    world.run.jobs.push(skipped(world.nextId(), title));
    return 'skipped';
  }
  if (job.uses) return call(world, scope, { id, job, title, contexts });
  // A run that is cancelled breaks off none whose condition holds then too, be it under way, waiting or not begun.
  // https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-cancellation
  const stays = isTrue(job.if, contexts, { ...ended, succeeded: false, cancelled: true });
  const cancelled = stays ? new AbortController().signal : world.signal;
  const results = combinations(job.strategy).map(async matrix => {
    const values = Object.values(matrix).map(text);
    const name = values.length > 0 && !job.name ? `${title} (${values.join(', ')})` : title;
    return executeLeaf(world, scope, {
      ...{ id, job, matrix, name, cancelled },
      contexts: { ...contexts, matrix },
    });
  });
  return worst(await Promise.all(results));
}

interface Called {
  id: string;
  job: Job;
  title: string;
  contexts: Contexts;
}

async function call(world: World, scope: Scope, { id, job, title, contexts }: Called): Promise<Conclusion> {
  const workflow = await calledWorkflow(world, scope.workflow, job.uses ?? '');
  const own = scope.secrets ?? world.secrets();
  const given =
    job.secrets === 'inherit'
      ? scope.secrets
      : named(interpolate(job.secrets ?? {}, { ...contexts, secrets: own }));
  const inputs = typedInputs(
    workflow.on.workflow_call?.inputs,
    interpolate(job.with ?? {}, contexts) as object as Record<string, unknown>,
  );
  return executeJobs(world, {
    ...{ workflow, github: scope.github, inputs, called: true, secrets: given, prefix: `${title} / ` },
    granted: grantsOf(scope, id, job),
  });
}

const named = (values: unknown): Record<string, string> =>
  Object.fromEntries(Object.entries(values as object).map(([name, value]) => [name, text(value)]));

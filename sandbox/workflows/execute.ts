import { workflowFiles } from '../github/workflow-files.ts';
import type { Conclusion } from '../github/workflow-runs.ts';
import { type Contexts, interpolate, isTrue, text } from './expressions.ts';
import { typedInputs } from './inputs.ts';
import { alone, executeLeaf, grantsOf, type Scope, type World } from './leaf.ts';
import { combinations } from './matrix.ts';
import { skipped, worst } from './progress.ts';
import { type Job, list, readWorkflow, type Workflow } from './workflow.ts';

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
    world.run.jobs.push(skipped(world.nextId(), title));
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
async function call(world: World, scope: Scope, { id, job, title, contexts }: Called): Promise<Conclusion> {
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
    granted: grantsOf(scope, id, job),
  });
}

const named = (values: unknown): Record<string, string> =>
  Object.fromEntries(Object.entries(values as object).map(([name, value]) => [name, text(value)]));

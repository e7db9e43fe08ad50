import { join } from 'node:path';
import { ApiError, notFound } from '../github/errors.ts';
import { workflowFiles } from '../github/workflow-files.ts';
import { fileName, type Runner, type WorkflowRun } from '../github/workflow-runs.ts';
import { now, type Repository, slug, type World } from '../github/world.ts';
import type { Environment, Run } from '../run.ts';
import { artifactsIn } from './artifacts.ts';
import { concurrency } from './concurrency.ts';
import { githubContext, githubVariables } from './contexts.ts';
import { environments, secretsIn } from './environments.ts';
import { type Event, eventOf } from './event.ts';
import { execute } from './execute.ts';
import { InputError, typedInputs } from './inputs.ts';
import { runJob } from './job.ts';
import type { Leaf } from './leaf.ts';
import { prepare } from './machine.ts';
import { finish, progress } from './progress.ts';
import { isStartedBy } from './triggers.ts';
import { readWorkflow, type Workflow } from './workflow.ts';

export interface Options {
  run: Run;
  /** What every job's processes see, secrets excepted. */
  environment(): Promise<Environment>;
}

/**
 * Runs the workflows of GitHub's stand-in as GitHub does: what starts them, conditions, matrices, called workflows,
 * concurrency, environments and their secrets are decided here; each job's steps are act's.
 */
export const workflowRunner =
  ({ run: sandbox, environment }: Options) =>
  (world: World, complain: (sentence: string) => void): Runner => {
    const groups = concurrency();
    const stops = new Map<WorkflowRun, AbortController>();
    let preparing: Promise<Environment> | undefined;
    const prepared = () => {
      preparing ??= environment().then(outside => prepare(sandbox, outside));
      return preparing;
    };

    async function start(repository: Repository, event: Event): Promise<void> {
      for (const file of await workflowFiles(repository, event.sha)) {
        let workflow: Workflow;
        try {
          workflow = readWorkflow(file);
        } catch (error) {
          const run = newRun(repository, event, { path: file.path, name: file.path });
          fail(run, error as Error);
          continue;
        }
        if (isStartedBy(workflow, event.trigger)) perform(repository, event, workflow);
      }
    }

    function newRun(
      repository: Repository,
      event: Event,
      { path, name }: { path: string; name: string },
    ): WorkflowRun {
      const number = repository.workflowRuns.filter(each => each.path === path).length + 1;
      const run: WorkflowRun = {
        ...{ ...progress('queued'), id: world.nextId(), number, name, path, event: event.trigger.name },
        ...{ title: event.title, branch: event.branch, sha: event.headSha, actor: event.by },
        ...{ createdAt: now(), jobs: [], pending: [], artifacts: [] },
      };
      repository.workflowRuns.push(run);
      return run;
    }

    function perform(repository: Repository, event: Event, workflow: Workflow): void {
      const run = newRun(repository, event, workflow);
      const stop = new AbortController();
      stops.set(run, stop);
      run.status = 'in_progress';
      const part = {
        ...{ repository, run, event, groups, signal: stop.signal, nextId: world.nextId },
        cancel: () => stop.abort(),
        secrets: (name?: string) => secretsIn(repository, name),
        enter: environments(world, repository, run, event),
        start: (leaf: Leaf, shown: WorkflowRun['jobs'][number]) =>
          startJob(repository, run, event, leaf, shown),
      };
      execute(part, workflow, githubContext(repository, run, event))
        .then(
          conclusion => finish(run, conclusion),
          error => fail(run, error as Error),
        )
        .finally(() => stops.delete(run));
    }

    async function startJob(
      repository: Repository,
      run: WorkflowRun,
      event: Event,
      leaf: Leaf,
      shown: WorkflowRun['jobs'][number],
    ) {
      // Each job has a token of its own, which may do what its permissions say and ends with it.
      const token = world.token('github-actions[bot]', leaf.grants);
      const artifacts = join(sandbox.folder, 'artifacts', String(run.id));
      const { trigger, payload, by } = event;
      try {
        return await runJob({ ...leaf, secrets: { ...leaf.secrets, GITHUB_TOKEN: token } }, shown, {
          folder: join(sandbox.folder, 'jobs', String(shown.id)),
          event: { name: trigger.name, payload },
          actor: by.login,
          env: { ...(await prepared()), SANDBOX_ARTIFACTS: artifacts },
          github: githubVariables(repository, run, event),
        });
      } finally {
        world.tokens.delete(token);
        run.artifacts = await artifactsIn(artifacts, run.artifacts, world.nextId);
      }
    }

    const happen = async (...[repository, event]: Parameters<Runner['happened']>) => {
      const seen = await eventOf(repository, event);
      if (seen) await start(repository, seen);
    };

    return {
      happened(repository, event) {
        // A request does not wait for what it sets off.
        happen(repository, event).catch(error =>
          complain(`${event.name} of ${slug(repository)}: ${error.stack}`),
        );
      },
      async dispatch(repository, { file, ref, inputs, by }) {
        const files = await workflowFiles(repository, ref);
        const found = files.find(({ path }) => fileName(path) === file);
        if (!found) throw notFound();
        const workflow = readWorkflow(found);
        if (!Object.hasOwn(workflow.on, 'workflow_dispatch'))
          throw new ApiError(422, "Workflow does not have 'workflow_dispatch' trigger");
        try {
          typedInputs(workflow.on.workflow_dispatch?.inputs, inputs);
        } catch (error) {
          if (error instanceof InputError) throw new ApiError(422, error.message);
          throw error;
        }
        // In the event they are text, whatever was given.
        const texts = Object.fromEntries(
          Object.entries(inputs).map(([name, value]) => [name, String(value)]),
        );
        await happen(repository, { name: 'workflow_dispatch', file, ref, inputs: texts, by });
      },
      cancel: run => stops.get(run)?.abort(),
    };
  };

function fail(run: WorkflowRun, error: Error): void {
  run.problem = error.message;
  finish(run, 'failure');
}

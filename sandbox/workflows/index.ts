import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { recordDeployment } from '../github/deploying.ts';
import { ApiError, notFound } from '../github/errors.ts';
import { jobUrl } from '../github/shapes/workflows.ts';
import { workflowFiles } from '../github/workflow-files.ts';
import { fileName, type Runner, type WorkflowRun } from '../github/workflow-runs.ts';
import { now, type Repository, slug, type World } from '../github/world.ts';
import type { Environment, Run } from '../run.ts';
import { bundlesFolder } from './bundles.ts';
import { concurrency } from './concurrency.ts';
import { type Event, eventOf } from './event.ts';
import { execute, finish, type Leaf, progress } from './execute.ts';
import type { Contexts } from './expressions.ts';
import { InputError, typedInputs } from './inputs.ts';
import { runJob } from './job.ts';
import { isStartedBy } from './triggers.ts';
import { isFile, readWorkflow, type Workflow } from './workflow.ts';

export interface Options {
  run: Run;
  /** What every job's processes see, secrets excepted. */
  environment(): Promise<Environment>;
  /** The secrets of a repository, or of one of its environments: `secrets('acme/platform', 'staging')`. */
  secrets(repository: string, environment?: string): Record<string, string>;
}

/**
 * Runs the workflows of GitHub's stand-in as GitHub does: what starts them, conditions, matrices, called workflows,
 * concurrency, environments and their secrets are decided here; each job's steps are act's.
 */
export const workflowRunner =
  ({ run: sandbox, environment, secrets }: Options) =>
  (world: World, complain: (sentence: string) => void): Runner => {
    const groups = concurrency();
    const stops = new Map<WorkflowRun, AbortController>();
    let preparing: Promise<Environment> | undefined;
    const prepared = () => {
      preparing ??= prepare();
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
        ...{ createdAt: now(), jobs: [], artifacts: [] },
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
        secrets: (name?: string) => secrets(slug(repository), name),
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
      const logUrl = jobUrl(repository, run, shown);
      const { environment: target } = leaf;
      const ref = event.branch;
      const ended = target?.isDeployment
        ? recordDeployment(world, repository, { environment: target.name, sha: event.sha, ref, logUrl })
        : undefined;
      // Each job has a token of its own, which ends with it.
      const token = world.token('github-actions[bot]');
      const artifacts = join(sandbox.folder, 'artifacts', String(run.id));
      const { trigger, payload, by } = event;
      try {
        const result = await runJob({ ...leaf, secrets: { ...leaf.secrets, GITHUB_TOKEN: token } }, shown, {
          folder: join(sandbox.folder, 'jobs', String(shown.id)),
          event: { name: trigger.name, payload },
          actor: by.login,
          env: { ...(await prepared()), SANDBOX_ARTIFACTS: artifacts },
          github: githubVariables(repository, run, event),
        });
        ended?.(result === 'success' ? 'success' : 'failure');
        return result;
      } catch (error) {
        ended?.('failure');
        throw error;
      } finally {
        world.tokens.delete(token);
        run.artifacts = await artifactsIn(artifacts, run);
      }
    }

    /** Node 24 first, and an npm that needs no registry. */
    async function prepare(): Promise<Environment> {
      const outside = await environment();
      const folder = join(sandbox.folder, 'job-bin');
      const node = dirname(process.execPath);
      const npm =
        (outside.PATH ?? '')
          .split(delimiter)
          .map(each => join(each, 'npm'))
          .find(existsSync) ?? 'npm';
      const quoted = [process.execPath, join(import.meta.dirname, 'npm.ts'), bundlesFolder(), npm].map(
        part => `'${part}'`,
      );
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'npm'), `#!/bin/sh\nexec ${quoted.join(' ')} "$@"\n`);
      await chmod(join(folder, 'npm'), 0o755);
      // What Node keeps of a bundle is found by its path, which is the same for every job.
      const compiled = { NODE_COMPILE_CACHE: join(bundlesFolder(), 'compiled') };
      // act gives every step a terminal, which no runner has: nothing may page or colour because of it.
      const plain = { NO_COLOR: '1', TERM: 'dumb', PAGER: 'cat', GIT_PAGER: 'cat' };
      return { ...outside, ...compiled, ...plain, PATH: [folder, node, outside.PATH].join(delimiter) };
    }

    async function artifactsIn(folder: string, run: WorkflowRun) {
      if (!existsSync(folder)) return run.artifacts;
      const names = await readdir(folder);
      return Promise.all(
        names.map(async name => {
          const known = run.artifacts.find(each => each.name === name);
          if (known) return known;
          const path = join(folder, name);
          const files = await readdir(path, { recursive: true });
          const sizes = await Promise.all(files.map(async file => (await stat(join(path, file))).size));
          const bytes = sizes.reduce((sum, size) => sum + size, 0);
          return { id: world.nextId(), name, folder: path, bytes, createdAt: now() };
        }),
      );
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
        if (!isFile(workflow, file) || !Object.hasOwn(workflow.on, 'workflow_dispatch'))
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

/** https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#github-context */
const githubContext = (repository: Repository, run: WorkflowRun, event: Event): Contexts => ({
  ...{
    workflow: run.name,
    event: event.payload,
    event_name: event.trigger.name,
    ref: event.ref,
    sha: event.sha,
  },
  ref_name: event.ref.replace(/^refs\/(heads|pull)\//, ''),
  ...{ repository: slug(repository), repository_owner: repository.owner.login },
  ...{ actor: event.by.login, triggering_actor: event.by.login },
  ...{ run_id: String(run.id), run_number: String(run.number), run_attempt: '1' },
});

/** What act takes from its environment; `SHA_REF` is its own name for the commit. */
const githubVariables = (repository: Repository, run: WorkflowRun, event: Event): Environment => ({
  ...{ GITHUB_REPOSITORY: slug(repository), GITHUB_REPOSITORY_OWNER: repository.owner.login },
  ...{ GITHUB_REF: event.ref, SHA_REF: event.sha, GITHUB_TRIGGERING_ACTOR: event.by.login },
  ...{ GITHUB_RUN_ID: String(run.id), GITHUB_RUN_NUMBER: String(run.number), GITHUB_RUN_ATTEMPT: '1' },
});

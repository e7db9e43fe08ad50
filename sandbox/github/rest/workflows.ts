import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { parse } from 'yaml';
import { ApiError, notFound } from '../errors.ts';
import { artifactShape, jobShape, runShape, workflowShape } from '../shapes/workflows.ts';
import { workflowFiles } from '../workflow-files.ts';
import { fileName, workflowId } from '../workflow-runs.ts';
import type { Repository } from '../world.ts';
import { type Api, actor, body, type Params, page, repositoryOf, text } from './api.ts';

type Of<Name extends string> = Params & Record<Name, string>;

/**
 * Workflows, what they have run, and how they are started by hand.
 * https://docs.github.com/en/rest/actions/workflow-runs and https://docs.github.com/en/rest/actions/workflows
 */
export function workflows({ app, world }: Api): void {
  const base = '/repos/:owner/:repo/actions';

  app.get<{ Params: Params }>(`${base}/workflows`, async (request, reply) => {
    const repository = repositoryOf(world, request.params);
    const all = await workflowsOf(repository);
    return {
      total_count: all.length,
      workflows: page(request, reply, all).map(each => workflowShape(repository, each)),
    };
  });

  app.get<{ Params: Of<'workflow'> }>(`${base}/workflows/:workflow`, async request => {
    const repository = repositoryOf(world, request.params);
    return workflowShape(repository, await findWorkflow(repository, request.params.workflow));
  });

  app.post<{ Params: Of<'workflow'>; Body: { ref: string; inputs?: Record<string, unknown> } }>(
    `${base}/workflows/:workflow/dispatches`,
    body({ ref: text, inputs: Type.Optional(Type.Record(Type.String(), Type.Unknown())) }),
    async (request, reply) => {
      const repository = repositoryOf(world, request.params);
      const { path } = await findWorkflow(repository, request.params.workflow);
      if (!world.runner.current) throw new ApiError(422, 'Actions has been disabled for this repository.');
      const { ref, inputs = {} } = request.body;
      await world.runner.current.dispatch(repository, {
        ...{ file: fileName(path), ref, inputs, by: actor(request) },
      });
      return reply.code(204).send();
    },
  );

  app.post<{ Params: Params; Body: { event_type: string; client_payload?: Record<string, unknown> } }>(
    '/repos/:owner/:repo/dispatches',
    body({
      event_type: text,
      client_payload: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { maxProperties: 10 })),
    }),
    async (request, reply) => {
      const repository = repositoryOf(world, request.params);
      const { event_type: type, client_payload: payload = {} } = request.body;
      repository.emit({ name: 'repository_dispatch', type, payload, by: actor(request) });
      return reply.code(204).send();
    },
  );

  interface Filter {
    event?: string;
    branch?: string;
    status?: string;
    head_sha?: string;
    actor?: string;
  }
  const listed = (repository: Repository, filter: Filter) =>
    repository.workflowRuns
      .filter(run => filter.event === undefined || run.event === filter.event)
      .filter(run => filter.branch === undefined || run.branch === filter.branch)
      .filter(run => filter.head_sha === undefined || run.sha === filter.head_sha)
      .filter(run => filter.actor === undefined || run.actor.login === filter.actor)
      .filter(
        ({ status, conclusion }) =>
          !filter.status || [status, conclusion].includes(filter.status as 'queued'),
      )
      .reverse();

  app.get<{ Params: Params; Querystring: Filter }>(`${base}/runs`, async (request, reply) => {
    const repository = repositoryOf(world, request.params);
    const runs = listed(repository, request.query);
    return {
      total_count: runs.length,
      workflow_runs: page(request, reply, runs).map(run => runShape(repository, run)),
    };
  });

  app.get<{ Params: Of<'workflow'>; Querystring: Filter }>(
    `${base}/workflows/:workflow/runs`,
    async (request, reply) => {
      const repository = repositoryOf(world, request.params);
      const { path } = await findWorkflow(repository, request.params.workflow);
      const runs = listed(repository, request.query).filter(run => run.path === path);
      return {
        total_count: runs.length,
        workflow_runs: page(request, reply, runs).map(run => runShape(repository, run)),
      };
    },
  );

  const one = `${base}/runs/:run`;
  const find = (params: Of<'run'>) => {
    const repository = repositoryOf(world, params);
    const run = repository.workflowRuns.find(({ id }) => id === Number(params.run));
    if (!run) throw notFound();
    return { repository, run };
  };

  app.get<{ Params: Of<'run'> }>(one, async request => {
    const { repository, run } = find(request.params);
    return runShape(repository, run);
  });

  for (const path of [`${one}/jobs`, `${one}/attempts/1/jobs`]) {
    app.get<{ Params: Of<'run'> }>(path, async (request, reply) => {
      const { repository, run } = find(request.params);
      const jobs = page(request, reply, run.jobs).map(job => jobShape(repository, run, job));
      return { total_count: run.jobs.length, jobs };
    });
  }

  app.get<{ Params: Of<'run'> }>(`${one}/artifacts`, async (request, reply) => {
    const { repository, run } = find(request.params);
    return {
      total_count: run.artifacts.length,
      artifacts: page(request, reply, run.artifacts).map(each => artifactShape(repository, run, each)),
    };
  });

  app.post<{ Params: Of<'run'> }>(`${one}/cancel`, async (request, reply) => {
    const { run } = find(request.params);
    if (run.status === 'completed')
      throw new ApiError(409, 'Cannot cancel a workflow run that is completed.');
    world.runner.current?.cancel(run);
    return reply.code(202).send({});
  });

  const findJob = (params: Of<'job'>) => {
    const repository = repositoryOf(world, params);
    for (const run of repository.workflowRuns) {
      const job = run.jobs.find(({ id }) => id === Number(params.job));
      if (job) return { repository, run, job };
    }
    throw notFound();
  };

  app.get<{ Params: Of<'job'> }>(`${base}/jobs/:job`, async request => {
    const { repository, run, job } = findJob(request.params);
    return jobShape(repository, run, job);
  });

  // GitHub answers with a redirect to a storage of its own; whoever follows it reads the same.
  app.get<{ Params: Of<'job'> }>(`${base}/jobs/:job/logs`, async (request, reply): Promise<FastifyReply> => {
    const { log } = findJob(request.params).job;
    return reply.type('text/plain').send(log.map(({ text: line }) => `${line}\n`).join(''));
  });
}

/** The workflows of the default branch. */
const workflowsOf = async (repository: Repository): Promise<{ path: string; name: string }[]> =>
  (await workflowFiles(repository, repository.defaultBranch)).map(({ path, text }) => ({
    path,
    name: nameIn(text) ?? path,
  }));

function nameIn(file: string): string | undefined {
  try {
    return (parse(file) as { name?: string } | null)?.name;
  } catch {
    return undefined; // what is no YAML is listed by its path, as on GitHub
  }
}

async function findWorkflow(repository: Repository, wanted: string) {
  const all = await workflowsOf(repository);
  const found = all.find(({ path }) => fileName(path) === wanted || String(workflowId(path)) === wanted);
  if (!found) throw notFound();
  return found;
}

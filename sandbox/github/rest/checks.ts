import { Type } from 'typebox';
import { headOf } from '../branches.ts';
import { ApiError, invalid, notFound } from '../errors.ts';
import type { Schemas } from '../shapes/accounts.ts';
import { checkRunShape, statusShape } from '../shapes/deployments.ts';
import { apiUrl, repositoryShape } from '../shapes/repositories.ts';
import { type CheckRun, type CommitStatus, now } from '../world.ts';
import { type Api, actor, body, optionalText, type Params, page, repositoryOf, text } from './api.ts';

type Referenced = Params & { ref: string };

/** What is told about a commit: statuses, and check runs, which only apps may make. */
export function checks({ app, world }: Api): void {
  app.post<{ Params: Params & { sha: string }; Body: NewStatus }>(
    '/repos/:owner/:repo/statuses/:sha',
    newStatus,
    async (request, reply) => {
      const repository = repositoryOf(world, request.params);
      const { sha } = request.params;
      if ((await repository.objects.type(sha)) !== 'commit')
        throw new ApiError(422, `No commit found for SHA: ${sha}`);
      const { state, context = 'default', description = null, target_url = null } = request.body;
      const creator = actor(request);
      const status: CommitStatus = {
        id: world.nextId(),
        sha,
        state,
        context,
        description,
        targetUrl: target_url,
        creator,
        createdAt: now(),
      };
      repository.statuses.push(status);
      return reply.code(201).send(statusShape(repository, status));
    },
  );

  app.get<{ Params: Referenced }>('/repos/:owner/:repo/commits/:ref/statuses', async (request, reply) => {
    const { repository, sha } = await commitOf(request.params);
    const found = repository.statuses.filter(status => status.sha === sha);
    return page(request, reply, found.reverse()).map(status => statusShape(repository, status));
  });

  app.get<{ Params: Referenced }>('/repos/:owner/:repo/commits/:ref/status', async request => {
    const { repository, sha } = await commitOf(request.params);
    const latest = [
      ...new Map(repository.statuses.filter(s => s.sha === sha).map(s => [s.context, s])).values(),
    ];
    const failed = latest.some(({ state }) => state === 'failure' || state === 'error');
    const passed = latest.length > 0 && latest.every(({ state }) => state === 'success');
    const url = `${apiUrl(repository)}/commits/${sha}`;
    return {
      state: failed ? 'failure' : passed ? 'success' : 'pending',
      statuses: latest.map(status => statusShape(repository, status)),
      sha,
      total_count: latest.length,
      repository: repositoryShape(repository),
      commit_url: url,
      url: `${url}/status`,
    } satisfies Schemas['combined-commit-status'];
  });

  app.get<{ Params: Referenced }>('/repos/:owner/:repo/commits/:ref/check-runs', async (request, reply) => {
    const { repository, sha } = await commitOf(request.params);
    const found = repository.checkRuns.filter(run => run.sha === sha);
    return {
      total_count: found.length,
      check_runs: page(request, reply, found).map(run => checkRunShape(repository, run)),
    };
  });

  app.post<{ Params: Params; Body: NewCheckRun }>(
    '/repos/:owner/:repo/check-runs',
    newCheckRun,
    async (request, reply) => {
      const repository = repositoryOf(world, request.params);
      if (actor(request).type !== 'Bot') throw new ApiError(403, 'You must authenticate via a GitHub App.');
      const { name, head_sha: sha } = request.body;
      if (!name || !sha) throw invalid('CheckRun', name ? 'head_sha' : 'name');
      const run: CheckRun = {
        id: world.nextId(),
        sha,
        name,
        status: 'queued',
        conclusion: null,
        detailsUrl: null,
        externalId: null,
        title: null,
        summary: null,
        text: null,
        startedAt: now(),
        completedAt: null,
      };
      update(run, request.body);
      repository.checkRuns.push(run);
      return reply.code(201).send(checkRunShape(repository, run));
    },
  );

  app.patch<{ Params: Params & { id: string }; Body: NewCheckRun }>(
    '/repos/:owner/:repo/check-runs/:id',
    newCheckRun,
    async request => {
      const repository = repositoryOf(world, request.params);
      const run = repository.checkRuns.find(each => each.id === Number(request.params.id));
      if (!run) throw notFound();
      update(run, request.body);
      return checkRunShape(repository, run);
    },
  );

  async function commitOf(params: Referenced) {
    const repository = repositoryOf(world, params);
    const sha = (await headOf(repository, params.ref)) ?? (await repository.objects.commitOf(params.ref));
    if (!sha) throw new ApiError(422, `No commit found for SHA: ${params.ref}`);
    return { repository, sha };
  }
}

function update(run: CheckRun, wish: NewCheckRun): void {
  run.status = wish.conclusion ? 'completed' : (wish.status ?? run.status);
  run.conclusion = wish.conclusion ?? run.conclusion;
  run.completedAt = run.status === 'completed' ? (wish.completed_at ?? now()) : null;
  run.detailsUrl = wish.details_url ?? run.detailsUrl;
  run.externalId = wish.external_id ?? run.externalId;
  run.title = wish.output?.title ?? run.title;
  run.summary = wish.output?.summary ?? run.summary;
  run.text = wish.output?.text ?? run.text;
}

interface NewStatus {
  state: CommitStatus['state'];
  context?: string;
  description?: string | null;
  target_url?: string | null;
}

const newStatus = body({
  state: Type.Enum(['error', 'failure', 'pending', 'success']),
  context: Type.Optional(text),
  description: optionalText,
  target_url: optionalText,
});

interface NewCheckRun {
  name?: string;
  head_sha?: string;
  status?: CheckRun['status'];
  conclusion?: NonNullable<CheckRun['conclusion']>;
  details_url?: string;
  external_id?: string;
  started_at?: string;
  completed_at?: string;
  output?: { title?: string; summary?: string; text?: string };
}

const newCheckRun = body({
  name: Type.Optional(text),
  head_sha: Type.Optional(text),
  status: Type.Optional(Type.Enum(['queued', 'in_progress', 'completed'])),
  conclusion: Type.Optional(
    Type.Enum(['success', 'failure', 'neutral', 'cancelled', 'skipped', 'timed_out', 'action_required']),
  ),
  details_url: Type.Optional(text),
  external_id: Type.Optional(text),
  started_at: Type.Optional(text),
  completed_at: Type.Optional(text),
  output: Type.Optional(
    Type.Object({ title: Type.Optional(text), summary: Type.Optional(text), text: Type.Optional(text) }),
  ),
});

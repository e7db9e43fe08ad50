import { Type } from 'typebox';
import { headOf } from '../branches.ts';
import { ApiError, checkLength, invalid, notFound } from '../errors.ts';
import { mergeability, mergePull } from '../merging.ts';
import { findPull, type NewPull, openPull } from '../pulls.ts';
import { type Schemas, user } from '../shapes/accounts.ts';
import { pullShape } from '../shapes/issues.ts';
import { changedFileShape, commitShape } from '../shapes/objects.ts';
import { type Account, isPull, now, type PullRequest, type Repository } from '../world.ts';
import {
  type Api,
  actor,
  body,
  optionalFlag,
  optionalText,
  type Params,
  page,
  repositoryOf,
  text,
} from './api.ts';

type Numbered = Params & { number: string };

export function pulls({ app, world }: Api): void {
  const all = '/repos/:owner/:repo/pulls';
  const one = `${all}/:number`;

  app.get<{
    Params: Params;
    Querystring: Record<'state' | 'head' | 'base' | 'sort' | 'direction', string | undefined>;
  }>(all, async (request, reply) => {
    const repository = repositoryOf(world, request.params);
    const { state = 'open', head, base, direction = 'desc' } = request.query;
    // GitHub takes `owner:branch` only, and ignores anything else: a filter that silently is none.
    if (head !== undefined && !head.includes(':')) throw invalid('PullRequest', 'head', 'write owner:branch');
    const found = [...repository.issues.values()]
      .filter(isPull)
      .filter(issue => state === 'all' || issue.open === (state === 'open'))
      .filter(issue => head === undefined || `${repository.owner.login}:${issue.pull.head}` === head)
      .filter(issue => base === undefined || issue.pull.base === base);
    if (direction === 'desc') found.reverse();
    return page(request, reply, found).map(issue => pullShape(repository, issue));
  });

  app.post<{ Params: Params; Body: NewPull }>(all, newPull, async (request, reply) => {
    const repository = repositoryOf(world, request.params);
    const issue = await openPull(world, repository, actor(request), request.body);
    return reply.code(201).send(await fullShape(repository, issue));
  });

  app.get<{ Params: Numbered }>(one, async (request, reply) => {
    const repository = repositoryOf(world, request.params);
    const issue = find(repository, request.params.number);
    if (!/\bdiff\b/.test(request.headers.accept ?? '')) return fullShape(repository, issue);
    const from = await forkPoint(repository, issue.pull);
    return reply.type('text/plain').send(await repository.objects.text(['diff', from, issue.pull.headSha]));
  });

  app.patch<{ Params: Numbered; Body: ChangedPull }>(one, changedPull, async request => {
    const repository = repositoryOf(world, request.params);
    const issue = find(repository, request.params.number);
    await updatePull(repository, issue, request.body, actor(request));
    return fullShape(repository, issue);
  });

  app.get<{ Params: Numbered }>(`${one}/files`, async (request, reply) => {
    const repository = repositoryOf(world, request.params);
    const { pull } = find(repository, request.params.number);
    const files = await repository.objects.changedFiles(await forkPoint(repository, pull), pull.headSha);
    return page(request, reply, files).map(file => changedFileShape(repository, pull.headSha, file));
  });

  app.get<{ Params: Numbered }>(`${one}/commits`, async (request, reply) => {
    const repository = repositoryOf(world, request.params);
    const { pull } = find(repository, request.params.number);
    const from = await forkPoint(repository, pull);
    const commits = await repository.objects.log(['--reverse', `${from}..${pull.headSha}`]);
    return page(request, reply, commits).map(commit => commitShape(world, repository, commit));
  });

  app.get<{ Params: Numbered }>(`${one}/merge`, async (request, reply) => {
    const issue = find(repositoryOf(world, request.params), request.params.number);
    if (!issue.pull.merged) throw notFound();
    return reply.code(204).send();
  });

  app.put<{ Params: Numbered; Body: Merge }>(`${one}/merge`, merge, async request => {
    const repository = repositoryOf(world, request.params);
    const issue = find(repository, request.params.number);
    const { merge_method: method, sha, commit_title: title, commit_message: message } = request.body;
    const merged = await mergePull(repository, issue, actor(request), { method, sha, title, message });
    return {
      sha: merged,
      merged: true,
      message: 'Pull Request successfully merged',
    } satisfies Schemas['pull-request-merge-result'];
  });
}

const newPull = body({
  title: text,
  head: text,
  base: text,
  body: optionalText,
  draft: optionalFlag,
  maintainer_can_modify: optionalFlag,
});

export interface ChangedPull {
  title?: string | undefined;
  body?: string | null | undefined;
  state?: 'open' | 'closed' | undefined;
  base?: string | undefined;
}

const changedPull = body({
  title: Type.Optional(text),
  body: optionalText,
  state: Type.Optional(Type.Enum(['open', 'closed'])),
  base: Type.Optional(text),
  maintainer_can_modify: optionalFlag,
});

interface Merge {
  merge_method?: 'merge' | 'squash' | 'rebase';
  sha?: string;
  commit_title?: string;
  commit_message?: string;
}

const merge = body({
  merge_method: Type.Optional(Type.Enum(['merge', 'squash', 'rebase'])),
  sha: Type.Optional(text),
  commit_title: Type.Optional(text),
  commit_message: Type.Optional(text),
});

export async function updatePull(
  repository: Repository,
  issue: PullRequest,
  wish: ChangedPull,
  by: Account,
): Promise<void> {
  checkLength('PullRequest', wish.body);
  if (wish.base !== undefined && !(await headOf(repository, wish.base))) throw invalid('PullRequest', 'base');
  if (wish.state === 'open' && issue.pull.merged) throw new ApiError(422, 'Validation Failed');
  if (wish.title !== undefined) issue.title = wish.title;
  if (wish.body !== undefined) issue.body = wish.body;
  if (wish.base !== undefined) issue.pull.base = wish.base;
  if (wish.state !== undefined && (wish.state === 'open') !== issue.open) {
    issue.open = wish.state === 'open';
    const action = issue.open ? 'reopened' : 'closed';
    repository.emit({ name: 'pull_request', action, number: issue.number, by });
    issue.closedAt = issue.open ? null : now();
  }
  issue.updatedAt = now();
}

/** Where the two sides parted; a merged pull request keeps the base it was opened on. */
export async function forkPoint(
  repository: Repository,
  { base, baseSha, headSha, merged }: PullRequest['pull'],
) {
  const now = merged ? baseSha : ((await headOf(repository, base)) ?? baseSha);
  return (await repository.objects.mergeBase(now, headSha)) ?? baseSha;
}

async function fullShape(repository: Repository, issue: PullRequest): Promise<Schemas['pull-request']> {
  const { pull } = issue;
  const { objects } = repository;
  const from = await forkPoint(repository, pull);
  const [files, commits, { mergeable, state }] = await Promise.all([
    objects.changedFiles(from, pull.headSha),
    objects.count(`${from}..${pull.headSha}`),
    mergeability(repository, issue),
  ]);
  const shape = pullShape(repository, issue);
  const author = user(issue.author);
  return {
    ...shape,
    state: issue.open ? 'open' : 'closed',
    user: author,
    head: { ...shape.head, user: user(repository.owner) },
    base: { ...shape.base, user: user(repository.owner) },
    requested_teams: [],
    merged: pull.merged !== undefined,
    mergeable: issue.open ? mergeable : null,
    mergeable_state: state,
    merged_by: pull.merged ? user(pull.merged.by) : null,
    comments: issue.comments.length,
    review_comments: 0,
    maintainer_can_modify: false,
    commits,
    additions: files.reduce((sum, file) => sum + file.additions, 0),
    deletions: files.reduce((sum, file) => sum + file.deletions, 0),
    changed_files: files.length,
  };
}

function find(repository: Repository, number: string): PullRequest {
  const issue = findPull(repository, Number(number));
  if (!issue) throw notFound();
  return issue;
}

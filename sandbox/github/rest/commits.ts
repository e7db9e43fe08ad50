import {
  changesThroughPulls,
  commitChanges,
  commitsBetween,
  headOf,
  moveBranch,
  needsPullRequest,
  refuseMirror,
} from '../branches.ts';
import { ApiError, notFound } from '../errors.ts';
import { mergeInto } from '../merging.ts';
import { pullsOf } from '../pulls.ts';
import type { Schemas } from '../shapes/accounts.ts';
import { pullShape } from '../shapes/issues.ts';
import { changedFileShape, commitShape, fileShape, folderShape, gitCommitShape } from '../shapes/objects.ts';
import { apiUrl, webUrl } from '../shapes/repositories.ts';
import { person, type Repository, type World, webFlow } from '../world.ts';
import { type Api, actor, body, optionalText, type Params, page, repositoryOf, text } from './api.ts';

/** Commits, comparisons, merges, and files at a revision. */
export function commits({ app, world }: Api): void {
  app.get<{ Params: Params; Querystring: { sha?: string; path?: string } }>(
    '/repos/:owner/:repo/commits',
    async (request, reply) => {
      const repository = repositoryOf(world, request.params);
      const { sha = repository.defaultBranch, path } = request.query;
      const from = await revision(repository, sha);
      const all = await repository.objects.log([from], path ? [path] : []);
      return page(request, reply, all).map(commit => commitShape(world, repository, commit));
    },
  );

  app.get<{ Params: Params & { ref: string } }>('/repos/:owner/:repo/commits/:ref', async request => {
    const repository = repositoryOf(world, request.params);
    const { objects } = repository;
    const commit = await objects.commit(await revision(repository, request.params.ref, 422));
    const [parent] = commit.parents;
    const files = parent ? await objects.changedFiles(parent, commit.sha) : [];
    return {
      ...commitShape(world, repository, commit),
      files: files.map(file => changedFileShape(repository, commit.sha, file)),
    } satisfies Schemas['commit'];
  });

  app.get<{ Params: Params & { ref: string } }>(
    '/repos/:owner/:repo/commits/:ref/pulls',
    async (request, reply) => {
      const repository = repositoryOf(world, request.params);
      const sha = await revision(repository, request.params.ref, 422);
      return page(request, reply, await pullsOf(repository, sha)).map(issue => pullShape(repository, issue));
    },
  );

  app.get<{ Params: Params & { range: string } }>('/repos/:owner/:repo/compare/:range', async request => {
    const repository = repositoryOf(world, request.params);
    const [base, head, rest] = request.params.range.split('...').map(side => side.replace(/^[^:]*:/, ''));
    if (!base || !head || rest !== undefined) throw notFound();
    return comparison(world, repository, base, head);
  });

  app.post<{ Params: Params; Body: { base: string; head: string; commit_message?: string } }>(
    '/repos/:owner/:repo/merges',
    body({ base: text, head: text, commit_message: optionalText }),
    async (request, reply) => {
      const repository = repositoryOf(world, request.params);
      const { base, head, commit_message: message } = request.body;
      refuseMirror(repository);
      const sha = await mergeInto(repository, actor(request), { base, head, message });
      if (!sha) return reply.code(204).send();
      return reply.code(201).send(commitShape(world, repository, await repository.objects.commit(sha)));
    },
  );

  app.get<{ Params: Params & { '*': string }; Querystring: { ref?: string } }>(
    '/repos/:owner/:repo/contents/*',
    async (request, reply) => {
      const repository = repositoryOf(world, request.params);
      const { objects } = repository;
      const path = request.params['*'].replace(/\/$/, '');
      const ref = request.query.ref ?? repository.defaultBranch;
      const sha = await revision(repository, ref);
      const entry = path === '' ? undefined : await objects.entry(sha, path);
      if (path !== '' && !entry) throw notFound();
      if (!entry || entry.type === 'tree') {
        const entries = await objects.tree(entry?.sha ?? sha);
        const inside = entries.map(each => ({ ...each, path: path ? `${path}/${each.path}` : each.path }));
        return folderShape(repository, ref, inside);
      }
      const content = (await objects.blobs([entry.sha])).get(entry.sha) ?? Buffer.alloc(0);
      if (/\braw\b/.test(request.headers.accept ?? ''))
        return reply.type('application/octet-stream').send(content);
      return fileShape(repository, ref, entry, content);
    },
  );

  app.put<{ Params: Params & { '*': string }; Body: NewContent }>(
    '/repos/:owner/:repo/contents/*',
    newContent,
    async (request, reply) => {
      const repository = repositoryOf(world, request.params);
      const { objects } = repository;
      const path = request.params['*'];
      const { branch = repository.defaultBranch, content, message, sha } = request.body;
      refuseMirror(repository);
      const head = await headOf(repository, branch);
      if (!head) throw new ApiError(404, `Branch ${branch} not found`);
      if (needsPullRequest(repository, branch)) throw new ApiError(409, changesThroughPulls);
      const existing = await objects.entry(head, path);
      if (existing && sha === undefined)
        throw new ApiError(422, 'Invalid request.\n\n"sha" wasn\'t supplied.');
      if (existing && sha !== existing.sha) throw new ApiError(409, `${path} does not match ${sha}`);
      const commit = await commitChanges(
        repository,
        head,
        [{ path, content: Buffer.from(content, 'base64') }],
        {
          message,
          author: person(actor(request)),
          committer: webFlow(),
        },
      );
      if (!(await moveBranch(repository, branch, commit, head, actor(request))))
        throw new ApiError(409, 'The branch was modified');
      const entry = await objects.entry(commit, path);
      if (!entry) throw new Error(`${path} is not in the commit just made`);
      const answer: Schemas['file-commit'] = {
        content: folderShape(repository, branch, [entry])[0] as NonNullable<
          Schemas['file-commit']['content']
        >,
        commit: gitCommitShape(repository, await objects.commit(commit)),
      };
      return reply.code(existing ? 200 : 201).send(answer);
    },
  );
}

interface NewContent {
  message: string;
  content: string;
  sha?: string;
  branch?: string;
}

const newContent = body({ message: text, content: text, sha: optionalText, branch: optionalText });

async function revision(repository: Repository, ref: string, status = 404): Promise<string> {
  const sha = (await headOf(repository, ref)) ?? (await repository.objects.commitOf(ref));
  if (sha) return sha;
  throw status === 404 ? notFound() : new ApiError(status, `No commit found for SHA: ${ref}`);
}

export async function comparison(
  world: World,
  repository: Repository,
  baseRef: string,
  headRef: string,
): Promise<Schemas['commit-comparison']> {
  const { objects } = repository;
  const base = await revision(repository, baseRef);
  const head = await revision(repository, headRef);
  const mergeBase = await objects.mergeBase(base, head);
  const { ahead, behind, status } = await commitsBetween(repository, base, head);
  if (!mergeBase) throw new ApiError(404, `No common ancestor between ${baseRef} and ${headRef}.`);
  const between = ahead === 0 ? [] : await objects.log(['--reverse', '--max-count=250', `${base}..${head}`]);
  const files = await objects.changedFiles(mergeBase, head);
  const html = `${webUrl(repository)}/compare/${baseRef}...${headRef}`;
  const shape = async (sha: string) => commitShape(world, repository, await objects.commit(sha));
  return {
    url: `${apiUrl(repository)}/compare/${baseRef}...${headRef}`,
    html_url: html,
    permalink_url: `${webUrl(repository)}/compare/${base.slice(0, 7)}...${head.slice(0, 7)}`,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    base_commit: await shape(base),
    merge_base_commit: await shape(mergeBase),
    status,
    ahead_by: ahead,
    behind_by: behind,
    total_commits: ahead,
    commits: between.map(commit => commitShape(world, repository, commit)),
    files: files.map(file => changedFileShape(repository, head, file)),
  };
}

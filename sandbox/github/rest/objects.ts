import { Type } from 'typebox';
import { afterPush, changesThroughPulls, moveBranch, needsPullRequest, refuseMirror } from '../branches.ts';
import { ApiError, invalid, notFound } from '../errors.ts';
import { blobShape, gitCommitShape, refShape, treeShape } from '../shapes/objects.ts';
import { person, type Repository } from '../world.ts';
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

type Named = Params & { '*': string };
type Hashed = Params & { sha: string };

/** Git's own database: refs, commits, trees, blobs. */
export function objects({ app, world }: Api): void {
  const base = '/repos/:owner/:repo/git';

  app.get<{ Params: Named }>(`${base}/ref/*`, async request => {
    const repository = repositoryOf(world, request.params);
    return refShape(repository, await findRef(repository, request.params['*']));
  });

  app.get<{ Params: Named }>(`${base}/matching-refs/*`, async (request, reply) => {
    const repository = repositoryOf(world, request.params);
    const wanted = `refs/${request.params['*']}`;
    const all = (await repository.objects.refs('refs')).filter(({ name }) => name.startsWith(wanted));
    return page(request, reply, all).map(ref => refShape(repository, ref));
  });

  app.post<{ Params: Params; Body: { ref: string; sha: string } }>(
    `${base}/refs`,
    body({ ref: text, sha: text }),
    async (request, reply) => {
      const repository = repositoryOf(world, request.params);
      const { ref, sha } = request.body;
      refuseMirror(repository);
      if (!/^refs\/(heads|tags)\/[^\s~^:?*[\\]+$/.test(ref)) throw invalid('Reference', 'ref');
      const type = await repository.objects.type(sha);
      if (!type) throw new ApiError(422, 'Object does not exist');
      if (!(await repository.objects.moveRef(ref, sha, undefined)))
        throw new ApiError(422, 'Reference already exists');
      await afterPush(repository, actor(request));
      return reply.code(201).send(refShape(repository, { name: ref, sha, type }));
    },
  );

  app.patch<{ Params: Named; Body: { sha: string; force?: boolean } }>(
    `${base}/refs/*`,
    body({ sha: text, force: optionalFlag }),
    async request => {
      const repository = repositoryOf(world, request.params);
      const { sha, force } = request.body;
      refuseMirror(repository);
      const ref = await findRef(repository, request.params['*']).catch(() => {
        throw new ApiError(422, 'Reference does not exist');
      });
      const type = await repository.objects.type(sha);
      if (!type) throw new ApiError(422, 'Object does not exist');
      if (needsPullRequest(repository, branchName(ref.name))) throw new ApiError(422, changesThroughPulls);
      if (!force && (await repository.objects.mergeBase(ref.sha, sha)) !== ref.sha) {
        throw new ApiError(422, 'Update is not a fast forward');
      }
      if (!(await repository.objects.moveRef(ref.name, sha, ref.sha)))
        throw new ApiError(409, 'Reference was modified');
      await afterPush(repository, actor(request));
      return refShape(repository, { name: ref.name, sha, type });
    },
  );

  app.delete<{ Params: Named }>(`${base}/refs/*`, async (request, reply) => {
    const repository = repositoryOf(world, request.params);
    const ref = await findRef(repository, request.params['*']).catch(() => {
      throw new ApiError(422, 'Reference does not exist');
    });
    const branch = branchName(ref.name);
    if (branch === repository.defaultBranch) throw new ApiError(422, 'Cannot delete the default branch');
    if (repository.protection.has(branch)) throw new ApiError(422, 'Cannot delete a protected branch');
    if (ref.name.startsWith('refs/heads/'))
      await moveBranch(repository, branch, undefined, ref.sha, actor(request));
    else await repository.objects.moveRef(ref.name, undefined, ref.sha);
    return reply.code(204).send();
  });

  app.get<{ Params: Hashed }>(`${base}/commits/:sha`, async request => {
    const repository = repositoryOf(world, request.params);
    await expectType(repository, request.params.sha, 'commit');
    return gitCommitShape(repository, await repository.objects.commit(request.params.sha));
  });

  app.post<{ Params: Params; Body: NewCommit }>(`${base}/commits`, newCommit, async (request, reply) => {
    const repository = repositoryOf(world, request.params);
    const { message, tree, parents = [], author, committer } = request.body;
    refuseMirror(repository);
    await expectType(repository, tree, 'tree', 422);
    for (const parent of parents) await expectType(repository, parent, 'commit', 422);
    const self = person(actor(request));
    const sha = await repository.objects.writeCommit({
      message,
      tree,
      parents,
      author: { ...self, ...author },
      committer: { ...self, ...author, ...committer },
    });
    return reply.code(201).send(gitCommitShape(repository, await repository.objects.commit(sha)));
  });

  app.get<{ Params: Hashed; Querystring: { recursive?: string } }>(`${base}/trees/:sha`, async request => {
    const repository = repositoryOf(world, request.params);
    const sha = await repository.objects.resolve(`${request.params.sha}^{tree}`);
    if (!sha) throw notFound();
    const recursive = request.query.recursive !== undefined;
    return treeShape(repository, sha, await repository.objects.tree(sha, { recursive }));
  });

  app.post<{ Params: Params; Body: NewTree }>(`${base}/trees`, newTree, async (request, reply) => {
    const repository = repositoryOf(world, request.params);
    const { tree, base_tree } = request.body;
    refuseMirror(repository);
    const entries = await Promise.all(
      tree.map(async ({ path, mode, sha, content }) => ({
        path,
        mode,
        sha:
          content === undefined
            ? (sha ?? undefined)
            : await repository.objects.writeBlob(Buffer.from(content)),
      })),
    );
    const written = await repository.objects.writeTree(base_tree ?? undefined, entries);
    return reply.code(201).send(treeShape(repository, written, await repository.objects.tree(written)));
  });

  app.get<{ Params: Hashed }>(`${base}/blobs/:sha`, async (request, reply) => {
    const repository = repositoryOf(world, request.params);
    const { sha } = request.params;
    await expectType(repository, sha, 'blob');
    const content = (await repository.objects.blobs([sha])).get(sha) ?? Buffer.alloc(0);
    if (/\braw\b/.test(request.headers.accept ?? ''))
      return reply.type('application/octet-stream').send(content);
    return blobShape(repository, sha, content);
  });

  app.post<{ Params: Params; Body: { content: string; encoding?: 'utf-8' | 'base64' } }>(
    `${base}/blobs`,
    body({ content: text, encoding: Type.Optional(Type.Enum(['utf-8', 'base64'])) }),
    async (request, reply) => {
      const repository = repositoryOf(world, request.params);
      const { content, encoding = 'utf-8' } = request.body;
      refuseMirror(repository);
      const sha = await repository.objects.writeBlob(Buffer.from(content, encoding));
      const { url } = blobShape(repository, sha, Buffer.alloc(0));
      return reply.code(201).send({ sha, url });
    },
  );
}

interface NewCommit {
  message: string;
  tree: string;
  parents?: string[];
  author?: { name: string; email: string; date?: string };
  committer?: { name?: string; email?: string; date?: string };
}

const signer = Type.Optional(Type.Object({ name: text, email: text, date: Type.Optional(text) }));
const newCommit = body({
  message: text,
  tree: text,
  parents: Type.Optional(Type.Array(text)),
  author: signer,
  committer: signer,
});

interface NewTree {
  base_tree?: string | null;
  tree: { path: string; mode: string; type?: string; sha?: string | null; content?: string }[];
}

const newTree = body({
  base_tree: optionalText,
  tree: Type.Array(
    Type.Object({
      path: text,
      mode: Type.Enum(['100644', '100755', '040000', '160000', '120000']),
      type: Type.Optional(Type.Enum(['blob', 'tree', 'commit'])),
      sha: optionalText,
      content: Type.Optional(text),
    }),
  ),
});

async function findRef(repository: Repository, path: string) {
  const found = (await repository.objects.refs(`refs/${path}`)).find(({ name }) => name === `refs/${path}`);
  if (!found) throw notFound();
  return found;
}

const branchName = (ref: string) => (ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : '');

async function expectType(repository: Repository, sha: string, type: string, status = 404): Promise<void> {
  if ((await repository.objects.type(sha)) === type) return;
  throw status === 404 ? notFound() : new ApiError(status, `The object ${sha} is not a ${type}`);
}

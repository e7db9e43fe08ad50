import type { FastifyInstance } from 'fastify';
import { accountOf } from './authorization.ts';
import type { World } from './world.ts';

interface Params {
  owner: string;
  repo: string;
  ref: string;
  '*': string;
}

/** What is fetched from github.com besides git: files at a tag, as kustomize takes them by address. */
export function pages(app: FastifyInstance, world: World): void {
  // The real one redirects to raw.githubusercontent.com, which answers the same.
  app.get<{ Params: Params }>('/:owner/:repo/raw/:ref/*', async (request, reply) => {
    const { owner, repo, ref, '*': path } = request.params;
    const repository = world.find(`${owner}/${repo}`);
    const hidden = repository?.private && typeof accountOf(world, request.headers.authorization) !== 'object';
    const sha = hidden ? undefined : await repository?.objects.resolve(`${ref}:${path}`);
    const content = sha && (await repository?.objects.blobs([sha]))?.get(sha);
    if (!content) return reply.code(404).type('text/plain').send('404: Not Found');
    return reply.type('text/plain; charset=utf-8').send(content);
  });

  // A mirror's release files lie in its tree, as a tag here has nothing else to hang them on.
  app.get<{ Params: Params }>('/:owner/:repo/releases/download/:ref/*', async (request, reply) => {
    const { owner, repo, ref, '*': file } = request.params;
    const repository = world.find(`${owner}/${repo}`);
    const sha = repository?.mirror && (await repository.objects.resolve(`${ref}:.release/${file}`));
    const content = sha && (await repository?.objects.blobs([sha]))?.get(sha);
    if (!content) return reply.code(404).type('text/plain').send('Not Found');
    return reply.type('application/octet-stream').send(content);
  });

  // Kustomize asks for `OWNER/REPOSITORY//folder?ref=…` as for a file, is told that there is none, and clones.
  app.get('/:owner/:repo//*', async (_, reply) => reply.code(404).type('text/plain').send('Not Found'));
}

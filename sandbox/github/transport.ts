import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { accountOf } from './authorization.ts';
import { afterPush } from './branches.ts';
import { type Environment, isolated } from './git.ts';
import type { Account, Repository, World } from './world.ts';

interface Params {
  owner: string;
  repo: string;
}

/**
 * Git over smart HTTP: git's own `http-backend` as a CGI program. Packs are streamed both ways.
 * https://git-scm.com/docs/http-protocol
 */
export function transport(
  app: FastifyInstance,
  world: World,
  environment: Environment,
  complain: (sentence: string) => void,
) {
  // The backend inflates gzip itself and reads the body as it comes.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_, payload, done) => done(null, payload));

  const services = ['git-upload-pack', 'git-receive-pack'];

  app.get<{ Params: Params; Querystring: { service?: string } }>(
    '/:owner/:repo/info/refs',
    async (request, reply) => {
      const { service } = request.query;
      if (!service || !services.includes(service)) {
        complain(`${request.url}: only the smart protocol is spoken here`);
        return reply.code(403).type('text/plain').send('Please upgrade your git client.\n');
      }
      return serve(request, reply, service, 'info/refs');
    },
  );
  for (const service of services) {
    app.post<{ Params: Params }>(`/:owner/:repo/${service}`, (request, reply) =>
      serve(request, reply, service, service),
    );
  }

  async function serve(
    request: FastifyRequest<{ Params: Params }>,
    reply: FastifyReply,
    service: string,
    path: string,
  ): Promise<FastifyReply> {
    const { owner, repo } = request.params;
    const repository = world.find(`${owner}/${repo.replace(/\.git$/, '')}`);
    const account = accountOf(world, request.headers.authorization);
    const writes = service === 'git-receive-pack';
    if (account === 'unknown') return challenge(reply, 'Invalid username or token.');
    if (!account && (writes || !repository || repository.private))
      return challenge(reply, 'Authentication required.');
    if (!repository) return reply.code(404).type('text/plain').send('Repository not found.\n');
    if (writes && repository.mirror) {
      return reply.code(403).type('text/plain').send('This repository was archived so it is read-only.\n');
    }
    return cgi(request, reply, repository, path, account);
  }

  async function cgi(
    request: FastifyRequest,
    reply: FastifyReply,
    repository: Repository,
    path: string,
    account: Account | undefined,
  ): Promise<FastifyReply> {
    const { headers } = request;
    const header = (name: string) => String(headers[name] ?? '');
    const child = spawn('git', ['http-backend'], {
      env: {
        ...environment,
        ...isolated,
        GIT_PROJECT_ROOT: repository.objects.folder,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: `/${path}`,
        QUERY_STRING: request.url.split('?')[1] ?? '',
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: header('content-type'),
        REMOTE_ADDR: '127.0.0.1',
        ...(account && { REMOTE_USER: account.login }),
        ...(headers['content-length'] && { CONTENT_LENGTH: header('content-length') }),
        ...(headers['content-encoding'] && { HTTP_CONTENT_ENCODING: header('content-encoding') }),
        ...(headers['git-protocol'] && { GIT_PROTOCOL: header('git-protocol') }),
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', chunk => {
      stderr += chunk;
    });
    const ended = new Promise<number | null>(resolve => {
      child.once('close', resolve);
      child.once('error', cause => {
        stderr += cause.message;
        resolve(null);
      });
    });
    reply.raw.once('close', () => child.kill());
    child.stdin.on('error', () => {}); // EPIPE: the backend ended early, its answer tells why
    if (request.method === 'POST') (request.body as Readable).pipe(child.stdin);
    else child.stdin.end();

    async function* output() {
      yield* child.stdout as AsyncIterable<Buffer>;
      const code = await ended;
      if (code !== 0 && !reply.raw.destroyed)
        complain(`git http-backend ended with ${code}: ${stderr.trim()}`);
      // Before the client hears that its push is through, pull requests know it.
      if (path === 'git-receive-pack' && account) await afterPush(repository, account);
    }
    const { status, fields, body } = await splitHead(output());
    return reply.code(status).headers(fields).send(body);
  }
}

const challenge = (reply: FastifyReply, sentence: string) =>
  reply.code(401).header('www-authenticate', 'Basic realm="GitHub"').type('text/plain').send(`${sentence}\n`);

/** Takes the header lines off a CGI answer. The rest stays a stream. */
async function splitHead(
  output: AsyncGenerator<Buffer>,
): Promise<{ status: number; fields: Record<string, string>; body: Readable }> {
  let head = Buffer.alloc(0);
  let end = -1;
  while (end < 0) {
    const { value, done } = await output.next();
    if (done) throw new Error('git http-backend gave no answer');
    head = Buffer.concat([head, value]);
    end = head.indexOf('\r\n\r\n');
  }
  const fields = Object.fromEntries(
    head
      .toString('latin1', 0, end)
      .split('\r\n')
      .map(line => [
        line.slice(0, line.indexOf(':')).toLowerCase(),
        line.slice(line.indexOf(':') + 1).trim(),
      ]),
  );
  const { status = '200', ...rest } = fields;
  const first = head.subarray(end + 4);
  async function* whole() {
    if (first.length > 0) yield first;
    yield* output;
  }
  return { status: Number.parseInt(status, 10), fields: rest, body: Readable.from(whole()) };
}

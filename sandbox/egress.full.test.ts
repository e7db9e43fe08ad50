import { execFile, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Egress, openEgress } from './egress.ts';
import { openRun } from './run.ts';

const run = openRun();
const standIn = createServer(
  (request, response) => void answer(request, response).catch(() => response.destroy()),
);
let egress: Egress;
let aborted = 0;

beforeAll(async () => {
  await once(standIn.listen(0, '127.0.0.1'), 'listening');
  const target = `http://127.0.0.1:${(standIn.address() as AddressInfo).port}`;
  egress = await openEgress(run, [
    { host: 'github.com', target },
    { host: '*.github.com', target },
  ]);
});
afterAll(async () => {
  await egress.close();
  standIn.close();
  await run.close();
});

/** A stand-in in miniature: tells what arrived, or goes wrong in the way the path names. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url?.split('?')[0] ?? '';
  if (path.startsWith('/repository.git/')) return httpBackend(request, response);
  if (path === '/reset') return void request.socket.resetAndDestroy();
  if (path === '/half' || path === '/half-chunked') {
    if (path === '/half') response.setHeader('content-length', 100);
    response.write('x'.repeat(50));
    await sleep(50);
    return void request.socket.destroy();
  }
  if (path === '/slow') await sleep(400);
  if (path === '/endless') {
    request.socket.once('close', () => aborted++);
    return void response.write('x');
  }
  const hash = createHash('sha256');
  for await (const chunk of request) hash.update(chunk);
  const { method, url, headers } = request;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ method, url, host: headers.host, body: hash.digest('hex') }));
}

/** https://git-scm.com/docs/git-http-backend */
async function httpBackend(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
  const backend = spawn('git', ['http-backend'], {
    env: run.environment({
      GIT_PROJECT_ROOT: run.folder,
      GIT_HTTP_EXPORT_ALL: '1',
      REMOTE_USER: 'somebody',
      PATH_INFO: pathname,
      QUERY_STRING: searchParams.toString(),
      REQUEST_METHOD: request.method ?? '',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      HTTP_GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    }),
  });
  request.pipe(backend.stdin);
  const chunks: Buffer[] = [];
  for await (const chunk of backend.stdout) chunks.push(chunk);
  const output = Buffer.concat(chunks);
  const end = output.indexOf('\r\n\r\n');
  for (const line of output.subarray(0, end).toString().split('\r\n')) {
    const [name = '', value = ''] = line.split(': ');
    if (name === 'Status') response.statusCode = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
  response.end(output.subarray(end + 4));
}

interface Result {
  code: number;
  stdout: string;
  stderr: string;
}

/** A client with nothing but the sandbox's environment. */
function client(command: string, args: string[], cwd = run.folder): Promise<Result> {
  const options = { cwd, env: run.environment(egress.environment), timeout: 60_000, maxBuffer: 2 ** 26 };
  return new Promise(resolve =>
    execFile(command, args, options, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    ),
  );
}
const curl = (...args: string[]) => client('curl', ['-sS', ...args]);
const node = (script: string) => client(process.execPath, ['--input-type=module', '-e', script]);

const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest('hex');

test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
  '%s keeps host, path and query as they were written',
  async method => {
    const { stdout, stderr } = await curl(
      '--path-as-is',
      '-X',
      method,
      'https://api.github.com/a%2Fb/../c%20?d=%2B&d=+',
    );
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      method,
      url: '/a%2Fb/../c%20?d=%2B&d=+',
      host: 'api.github.com',
      body: sha256(''),
    });
  },
);

test('a large body arrives whole, announced or in chunks', async () => {
  const body = randomBytes(20_000_000);
  writeFileSync(join(run.folder, 'body'), body);
  for (const more of [[], ['-H', 'Transfer-Encoding: chunked'], ['-H', 'Expect: 100-continue']]) {
    const { stdout } = await curl(...more, '--data-binary', '@body', 'https://api.github.com/upload');
    expect(JSON.parse(stdout)).toMatchObject({ method: 'POST', body: sha256(body) });
  }
});

// Exit codes: https://curl.se/docs/manpage.html#EXIT
test.each([
  ['a reset', '/reset', 56, '', /reset by peer/],
  ['a body that stops before its announced length', '/half', 18, 'x'.repeat(50), /50 bytes remaining/],
  ['a body that stops before its last chunk', '/half-chunked', 18, 'x'.repeat(50), /outstanding/],
])('%s reaches the client as that', async (_, path, code, stdout, stderr) => {
  const result = await curl('--max-time', '10', `https://github.com${path}`);
  expect(result).toEqual({ code, stdout, stderr: expect.stringMatching(stderr) });
});

test('a delay is a delay', async () => {
  const start = performance.now();
  await curl('https://github.com/slow');
  expect(performance.now() - start).toBeGreaterThan(400);
});

test('a client that gives up is gone for the stand-in too', async () => {
  await curl('--max-time', '0.3', 'https://github.com/endless');
  await expect.poll(() => aborted).toBe(1);
});

test('what is not in the routes is refused and noted', async () => {
  egress.refused.length = 0;
  const [tls, plain, port] = await Promise.all([
    curl('https://example.org/'),
    curl('http://github.com/'),
    curl('https://github.com:8443/'),
  ]);
  expect(tls).toMatchObject({ code: 56, stderr: expect.stringContaining('403') });
  expect(plain).toMatchObject({ code: 0, stdout: expect.stringContaining('not part of the sandbox') });
  expect(port).toMatchObject({ code: 56 });
  expect(egress.refused.sort()).toEqual(['example.org:443', 'github.com:8443', 'http://github.com/']);
});

test('a stand-in that is not there is a bad gateway', async () => {
  const lonely = await openEgress(run, [{ host: 'github.com', target: 'http://127.0.0.1:1' }]);
  const { stderr } = await client('curl', ['-sS', '-x', lonely.url, 'https://github.com/']);
  expect(stderr).toContain('502');
  await lonely.close();
});

test('Node fetches many at once', async () => {
  const { stdout, stderr } = await node(`
    const hosts = Array.from({ length: 40 }, (_, i) => (i % 2 ? 'github.com' : 'api.github.com'));
    const answers = await Promise.all(hosts.map(host => fetch('https://' + host + '/').then(r => r.json())));
    console.log(answers.every(({ host }, i) => host === hosts[i]));
  `);
  expect(stdout + stderr).toBe('true\n');
});

test('the GitHub client of the actions goes through it', async () => {
  const { stdout, stderr } = await node(`
    import { getOctokit } from ${JSON.stringify(import.meta.resolve('@actions/github'))};
    const { data } = await getOctokit('token').request('GET /repos/{owner}/{repo}', { owner: 'acme', repo: 'ui' });
    console.log(data.url, data.host);
  `);
  expect(stdout + stderr).toBe('/repos/acme/ui api.github.com\n');
});

test('git pushes and clones a large pack', async () => {
  const work = join(run.folder, 'work');
  mkdirSync(work);
  const git = async (...args: string[]) => {
    const result = await client(
      'git',
      ['-c', 'user.name=A', '-c', 'user.email=a@example.com', ...args],
      work,
    );
    expect(result.code, result.stderr).toBe(0);
    return result.stdout;
  };
  await git('init', '--quiet', '--bare', '../repository.git');
  await git('init', '--quiet', '-b', 'main');
  writeFileSync(join(work, 'file'), randomBytes(8_000_000)); // above http.postBuffer: git sends chunks
  await git('add', 'file');
  await git('commit', '--quiet', '-m', 'first');
  await git('push', '--quiet', 'https://github.com/repository.git', 'main');
  await git('clone', '--quiet', '-b', 'main', 'https://github.com/repository.git', '../clone');
  expect(await git('-C', '../clone', 'rev-parse', 'HEAD')).toBe(await git('rev-parse', 'HEAD'));
});

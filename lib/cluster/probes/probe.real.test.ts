import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { createSecureContext, getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { certificateAuthority, type Pair } from '../../../sandbox/certificates.ts';
import { judge } from './judge.ts';
import type { Probe } from './plan.ts';
import { ask, type Ingress } from './probe.ts';
import { lines, table } from './render.ts';

/* An ingress of the test's own: real sockets, real TLS by the name that is asked for, and every way to be wrong. */

const servers: Server[] = [];
const requests: IncomingMessage[] = [];
let ingress: Ingress;
let silent: Ingress;
let broken: Ingress;
let closed: Ingress;

const traefik404 = '404 page not found\n';
/** Path → what comes back, with and without an identity that the client made up. */
const answers: Record<string, [status: number, body?: string]> = {
  '/': [200, 'hello'],
  '/orders': [401],
  '/own404': [404, '{"error":"no such thing"}'],
  '/missing': [404, traefik404],
  '/ajar': [200, '[]'],
  '/too-much': [429],
  '/auth-down': [500],
  '/service-down': [503, 'no available server'],
};

const listen: RequestListener = (request, response) => {
  requests.push(request);
  const claimed = Object.keys(request.headers).some(name => /^x[-_]auth[-_]user$/.test(name));
  if (request.url === '/fooled') return void response.writeHead(claimed ? 200 : 401).end();
  if (request.url === '/strict') return void response.writeHead(claimed ? 400 : 401).end();
  const [status, body] = answers[request.url ?? ''] ?? [404, traefik404];
  response.writeHead(status, { 'content-type': 'text/plain' }).end(body);
};

async function port(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  const [known, stranger, staging] = await Promise.all(
    ['Known', 'Stranger', '(STAGING) Pretend Pear'].map(certificateAuthority),
  );
  if (!known || !stranger || !staging) throw new Error('there is an authority of each name');
  setDefaultCACertificates([...getCACertificates('default'), known.certificate]);
  const pairs: Record<string, Pair> = {
    'shop.test': await known.server(['shop.test', 'api.test']),
    'soon.test': await known.server(['soon.test'], 5 * 24 * 60 * 60),
    'expired.test': await known.server(['expired.test'], -5),
    'other.test': await known.server(['somebody-else.test']),
    'stranger.test': await stranger.server(['stranger.test']),
    'staging.test': await staging.server(['staging.test']),
    'default.test': await stranger.server(['TRAEFIK DEFAULT CERT']),
  };
  pairs['api.test'] = pairs['shop.test'] as Pair;
  const context = ({ certificate, key }: Pair) => createSecureContext({ cert: certificate, key });
  const contexts = new Map(Object.entries(pairs).map(([name, pair]) => [name, context(pair)]));
  const secure = createHttpsServer(
    { SNICallback: (name, done) => done(null, contexts.get(name)), ALPNProtocols: ['http/1.1'] },
    listen,
  );
  const plain = createHttpServer((request, response) => {
    const host = request.headers.host ?? '';
    if (host === 'soon.test') return void response.writeHead(200).end('plain');
    const to = host === 'other.test' ? 'shop.test' : host;
    response.writeHead(301, { location: `https://${to}${request.url}` }).end();
  });
  const nothing = createTcpServer(() => {});
  const rude = createTcpServer(socket => socket.resetAndDestroy());
  const gone = createTcpServer();
  const [httpsPort, httpPort, silentPort, rudePort, gonePort] = await Promise.all(
    [secure, plain, nothing, rude, gone].map(port),
  );
  gone.close();
  await once(gone, 'close');
  const at = (https = 0, http = https, patience = 10_000) => ({
    ...{ address: '127.0.0.1', httpsPort: https, httpPort: http, patience },
  });
  ingress = at(httpsPort, httpPort);
  silent = at(silentPort, silentPort, 300);
  broken = at(rudePort);
  closed = at(gonePort);
});
afterAll(() => {
  for (const server of servers) {
    (server as { closeAllConnections?: () => void }).closeAllConnections?.();
    server.close();
  }
});

const open = (path: string): Probe => ({ kind: 'open', host: 'api.test', method: 'GET', path });
const guarded = (path: string, claims: 'none' | 'headers' | 'underscores' = 'none'): Probe => ({
  ...{ kind: 'guarded', host: 'api.test', method: 'GET', path, claims },
});
const certificate = (host: string): Probe => ({ kind: 'certificate', host });
const redirect = (host: string): Probe => ({ kind: 'redirect', host });

test.each<[string, Probe, RegExp, boolean]>([
  ['a host that answers', open('/'), /^200$/, true],
  ["a service's own 404", open('/own404'), /^404$/, true],
  ['no router', open('/missing'), /^404 of Traefik itself/, false],
  ['no pods', open('/service-down'), /^503: the service behind it is not there/, false],
  ['a door that is shut', guarded('/orders'), /^401$/, true],
  ['a door that is open', guarded('/ajar'), /^200 without a session/, false],
  ['a door without a router', guarded('/missing'), /^404 of Traefik itself/, false],
  ['a doorkeeper who is away', guarded('/auth-down'), /^500: Traefik does not reach the user-manager/, false],
  ['a door that is besieged', guarded('/too-much'), /^429: a rate limit/, false],
  ['a doorkeeper who is fooled', guarded('/fooled', 'headers'), /^200 with made-up identity headers/, false],
  ['one who is fooled by underscores', guarded('/fooled', 'underscores'), /^200 with made-up/, false],
  ['one who is not', guarded('/orders', 'headers'), /^401$/, true],
  ['one who does not even ask', guarded('/strict', 'underscores'), /^400$/, true],
  ['one who asks for more', guarded('/strict', 'headers'), /^400 with made-up/, false],
  ['a good certificate', certificate('shop.test'), /^good until \d{4}-\d\d-\d\d, (89|90) days left$/, true],
  ['one that ends soon', certificate('soon.test'), /^good until .*, [45] days left$/, true],
  ['one that has expired', certificate('expired.test'), /^it expired on \d{4}/, false],
  ["somebody else's", certificate('other.test'), /^it is for somebody-else\.test, not for this host/, false],
  [
    'one that nobody here trusts',
    certificate('stranger.test'),
    /^it is not trusted here \(\w+\), its issuer is Stranger/,
    false,
  ],
  [
    'one that is for trying out',
    certificate('staging.test'),
    /^it is of Let's Encrypt's staging authority/,
    false,
  ],
  ["Traefik's own", certificate('default.test'), /^it is Traefik's own default certificate/, false],
  ['HTTP that leads to HTTPS', redirect('shop.test'), /^301 to https:\/\/shop\.test\/$/, true],
  [
    'HTTP that leads astray',
    redirect('other.test'),
    /^HTTP answers 301 to https:\/\/shop\.test\/ and does not/,
    false,
  ],
  ['HTTP that answers itself', redirect('soon.test'), /^HTTP answers 200 and does not lead/, false],
])('%s', async (_, probe, words, right) => {
  const verdict = judge(probe, await ask(ingress, probe), Date.now());
  expect(verdict.words).toMatch(words);
  expect(verdict.wrong).toBe(!right);
});

test('a certificate that ends soon is warned of', async () => {
  const probe = certificate('soon.test');
  const { warning } = judge(probe, await ask(ingress, probe), Date.now());
  expect(warning).toMatch(/^its certificate ends in [45] days/);
});

test.each([
  ['open', open('/')],
  ['certificate', certificate('shop.test')],
  ['redirect', redirect('shop.test')],
] as const)('nobody listens, nobody answers, somebody breaks off: %s', async (kind, probe) => {
  const said = async (where: Ingress) => judge(probe, await ask(where, probe), Date.now());
  const port = kind === 'redirect' ? 'HTTP' : 'HTTPS';
  expect(await said(closed)).toMatchObject({
    wrong: true,
    words: expect.stringMatching(`^${port} is refused: `),
  });
  expect(await said(silent)).toMatchObject({
    wrong: true,
    words: expect.stringMatching(`^${port} is not answered in time`),
  });
  expect(await said(broken)).toMatchObject({
    wrong: true,
    words: expect.stringMatching(`^${port} is broken off`),
  });
});

test('the address is dialled, the host is named, and the claims arrive as a stranger would send them', async () => {
  requests.length = 0;
  await ask(ingress, guarded('/orders', 'headers'));
  await ask(ingress, guarded('/orders', 'underscores'));
  const [hyphens, underscores] = requests.map(({ headers }) => headers);
  expect(hyphens).toMatchObject({ host: 'api.test', accept: 'application/json', 'x-auth-role': 'admin' });
  expect(underscores).toMatchObject({ host: 'api.test', x_auth_role: 'admin' });
});

test('what was found, for a terminal and for a page', async () => {
  const probes = [open('/own404'), certificate('expired.test'), guarded('/ajar')];
  const verdicts = await Promise.all(
    probes.map(async probe => judge(probe, await ask(ingress, probe), Date.now())),
  );
  expect(lines(verdicts)).toEqual([
    '✓ api.test      GET /own404                   404',
    expect.stringMatching(/^✗ api\.test {6}GET \/ajar, without a session {2}200 without a session/),
    expect.stringMatching(/^✗ expired\.test {2}certificate {19}it expired on /),
  ]);
  expect(table('staging', verdicts)).toContain('| ✅ | api.test | GET /own404 | 404 |');
});

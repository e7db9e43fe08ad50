import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { certificateAuthority } from '../../sandbox/certificates.ts';
import { type ClusterWorld, clusterWorld } from '../../sandbox/cluster-world.ts';

/*
 * `until: http` through the action itself: the routes are those of the cluster, and at the ingress's address an ingress of
 * the test's own plays Traefik. Ports 443 and 80 of an address of this machine that nobody else has: that takes root.
 */

// Every address that begins with 127 is this machine's own on Linux.
const address = `127.${[1, 2, 3].map(() => 2 + Math.floor(Math.random() * 250)).join('.')}`;
const hosts = ['shop.staging.example.com', 'api.staging.example.com'];

let world: ClusterWorld;
let env: Record<string, string>;
const servers: Server[] = [];
/** What is wrong at the moment. */
let ajar = false;

/** The status for a request, as the shop's routes and the user-manager would have it. */
function status(host: string, method: string, path: string): number {
  if (host === hosts[0]) return 200;
  if (/^\/auth\/(users|audit-log)/.test(path)) return 401;
  if (path.startsWith('/auth')) return 404;
  if (path.startsWith('/products') && ['GET', 'HEAD'].includes(method)) return 200;
  return ajar && path.startsWith('/orders') ? 200 : 401;
}

async function listen(server: Server, port: number): Promise<void> {
  servers.push(server);
  server.listen(port, address);
  await once(server, 'listening');
}

const possible = process.platform === 'linux' && process.getuid?.() === 0;

beforeAll(async () => {
  if (!possible) return;
  const authority = await certificateAuthority('The test of until: http');
  const { certificate: cert, key } = await authority.server(hosts);
  const secure = createHttpsServer(
    { cert, key },
    ({ headers: { host = '' }, method = '', url = '' }, response) =>
      response.writeHead(status(host, method, url)).end('{}'),
  );
  const plain = createHttpServer(({ headers: { host }, url }, response) =>
    response.writeHead(308, { location: `https://${host}${url}` }).end(),
  );
  await Promise.all([listen(secure, 443), listen(plain, 80)]);

  world = await clusterWorld();
  const outside = await world.sandbox.environment();
  const trusted = join(world.sandbox.run.folder, 'trusted.pem');
  const known = readFileSync(outside.NODE_EXTRA_CA_CERTS ?? '', 'utf8');
  await writeFile(trusted, `${known}\n${authority.certificate}`);
  env = { NODE_EXTRA_CA_CERTS: trusted };
});
afterAll(async () => {
  for (const server of servers) {
    (server as { closeAllConnections?: () => void }).closeAllConnections?.();
    server.close();
  }
  await world?.close();
});

const bootstrap = (inputs?: Record<string, string>, more = env) =>
  world.step('bootstrap', { until: 'http', target: address, ...inputs }, { env: more });

describe.runIf(possible)('until: http', () => {
  test('ends well when every host answers as it should, and shows what it asked', async () => {
    const { code, log, summary } = await bootstrap();
    expect(code, log).toBe(0);
    expect(log).toMatch(
      /\nstaging: \d+ created, 0 changed; 7 Applications are Synced and Healthy, \d+ answers are right\n/,
    );
    expect(log).toMatch(
      /✓ shop\.staging\.example\.com {2}certificate +good until \d{4}-\d\d-\d\d, \d+ days left\n/,
    );
    expect(log).toMatch(/✓ shop\.staging\.example\.com {2}HTTP to HTTPS +308 to https:/);
    expect(log).toMatch(/✓ shop\.staging\.example\.com {2}GET \/ +200\n/);
    for (const how of ['without a session', 'made-up X-Auth-*', 'made-up X_Auth_*']) {
      expect(log).toContain(`GET /orders, ${how}`);
      expect(log).toContain(`POST /products/slipway-probe, ${how}`);
    }
    expect(summary).toMatch(
      /\| ✅ \| api\.staging\.example\.com \| GET \/orders, without a session \| 401 \|/,
    );
    // Nobody was asked for a name, and nothing went through the proxy.
    expect(world.sandbox.egress.refused).toEqual([]);
  });

  test('a door that stands open is named, beside all that is right', async () => {
    ajar = true;
    const { code, annotations, log } = await bootstrap({ 'timeout-minutes': '1' });
    expect(code, log).toBe(1);
    const [headline, ...reasons] = annotations.map(({ message }) => message);
    expect(headline).toMatch(
      /^1 min are over, waiting for the hosts to answer, not done: api\.staging\.example\.com/,
    );
    expect(
      reasons.filter(each => /: 200 without a session: this route must answer 401$/.test(each)),
    ).toHaveLength(1);
    expect(reasons.filter(each => /: 200 with made-up identity headers/.test(each))).toHaveLength(2);
    expect(log).toMatch(/✗ api\.staging\.example\.com +GET \/orders, without a session/);
    expect(log).toMatch(/✓ shop\.staging\.example\.com +GET \/ +200/);
    ajar = false;
  });

  test('a certificate that is not trusted here is named with its issuer', async () => {
    const { code, annotations } = await bootstrap({ 'timeout-minutes': '1' }, {});
    expect(code).toBe(1);
    const reasons = annotations.map(({ message }) => message).slice(1);
    expect(reasons).toHaveLength(2);
    for (const each of reasons)
      expect(each).toMatch(/it is not trusted here .* its issuer is The test of until: http/);
  });

  test('certificates are waited for when they are asked for, and that nobody wants one is said', async () => {
    const { code, annotations } = await bootstrap({ until: 'certificates', 'timeout-minutes': '1' });
    expect(code).toBe(1);
    expect(annotations.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^1 min are over, waiting for the certificates/),
      'The cluster: no Certificate is in it: nothing asks cert-manager for one',
    ]);
  });
});

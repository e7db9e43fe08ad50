import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createSecureContext, createServer as createTlsServer, TLSSocket } from 'node:tls';
import { certificateAuthority, type Pair } from './certificates.ts';
import type { Environment, Run } from './run.ts';

/** One name of the outside world and the stand-in that answers for it. */
export interface Route {
  /** `api.github.com`, or `*.exoscale.com` for every name with one label more. */
  host: string;
  /** `http://127.0.0.1:PORT` */
  target: string;
}

export interface Egress {
  /** The proxy's address. */
  url: string;
  /** What makes Go, git, curl, OpenSSL and Node go through the proxy and trust what it answers. */
  environment: Environment;
  /** The names that are served, without those that stand for many. */
  names: string[];
  /** The authority that certifies the names, in PEM, for those who reach them by the gateway. */
  authority: string;
  /** A certificate for other names, which everything in the sandbox trusts: what Let's Encrypt is elsewhere. */
  certify(names: string[]): Promise<Pair>;
  /** Every `host:port` and URL that was asked for and is not in the routes, in order. */
  refused: string[];
  close(): Promise<void>;
}

/**
 * The sandbox's whole outside world: an HTTP proxy that ends TLS for the names in its routes, with certificates of an
 * authority made for this run, and refuses all else. Behind TLS the bytes go to the stand-in as they come and come back
 * as they are: a path stays as it was escaped, a reset is a reset, half an answer is half an answer.
 * @param gateway an address where the same names are served on port 443, for those who know no proxy: pods, whose DNS
 *   leads the names there
 */
export async function openEgress(run: Run, routes: Route[], gateway?: string): Promise<Egress> {
  const authority = await certificateAuthority('Slipway sandbox: outside world');
  const leaf = await authority.server(routes.map(({ host }) => host));
  const secureContext = createSecureContext({ cert: leaf.certificate, key: leaf.key });

  const refused: string[] = [];
  const open = new Set<Socket>();
  const track = (socket: Socket) => {
    open.add(socket);
    return socket.once('close', () => open.delete(socket));
  };

  const proxy = createServer((request, response) => {
    refused.push(request.url ?? '');
    response
      .writeHead(403)
      .end(`${request.url} is not part of the sandbox: only https is, through CONNECT\n`);
  });
  proxy.on('connection', client => track(client).on('error', () => {})); // clients come and go
  proxy.on('connect', (request: IncomingMessage, client: Socket, head: Buffer) => {
    const target = targetOf(routes, request.url ?? '');
    if (!target) {
      refused.push(request.url ?? '');
      client.end(`HTTP/1.1 403 Forbidden\r\n\r\n${request.url} is not part of the sandbox\n`);
      return;
    }
    const standIn = track(connect(Number(target.port), target.hostname));
    client.on('error', () => standIn.resetAndDestroy());
    standIn.once('error', () => client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
    standIn.once('connect', () => {
      standIn.removeAllListeners('error');
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      if (head.length > 0) client.unshift(head);
      splice(new TLSSocket(client, { isServer: true, secureContext }), standIn, () =>
        client.resetAndDestroy(),
      );
    });
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  proxy.unref(); // whoever forgets to close it can still end

  const entrance = createTlsServer({ cert: leaf.certificate, key: leaf.key }, secure => {
    const name = `${(secure as TLSSocket & { servername?: string }).servername || 'no name'}:443`;
    const target = targetOf(routes, name);
    if (!target) {
      refused.push(name);
      secure.destroy();
      return;
    }
    splice(secure, track(connect(Number(target.port), target.hostname)), () => secure.destroy());
  });
  entrance.on('connection', track);
  entrance.on('tlsClientError', () => {}); // clients come and go
  if (gateway !== undefined) await once(entrance.listen(443, gateway), 'listening');
  entrance.unref();
  const { port } = proxy.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const trusted = join(run.folder, `outside-world-${port}.pem`);
  writeFileSync(trusted, authority.certificate);

  return {
    url,
    environment: outside(url, trusted),
    names: routes.map(({ host }) => host).filter(host => !host.startsWith('*')),
    authority: authority.certificate,
    certify: authority.server,
    refused,
    async close() {
      proxy.close();
      entrance.close();
      for (const socket of open) socket.destroy();
      await once(proxy, 'close');
    },
  };
}

/** Bytes both ways; what breaks on one side breaks on the other, the client's by `broken`. */
function splice(secure: TLSSocket, standIn: Socket, broken: () => void): void {
  secure.on('error', () => standIn.resetAndDestroy());
  standIn.on('error', broken);
  secure.pipe(standIn).pipe(secure);
}

/** The stand-in for a CONNECT's `host:port`, if it is one of the sandbox's. */
export function targetOf(routes: Route[], authority: string): URL | undefined {
  const [, host] = /^(.+):443$/.exec(authority.toLowerCase()) ?? [];
  if (!host) return undefined;
  const anyFirstLabel = host.replace(/^[^.]+/, '*');
  const route =
    routes.find(route => route.host === host) ?? routes.find(route => route.host === anyFirstLabel);
  return route && new URL(route.target);
}

function outside(proxy: string, trusted: string): Environment {
  // API servers, stand-ins and nodes (RFC 2544's range) are reached directly.
  const local = 'localhost,127.0.0.1,198.18.0.0/15';
  return {
    // curl reads the lower-case names only where the other half of the world reads the upper-case ones.
    HTTPS_PROXY: proxy,
    https_proxy: proxy,
    HTTP_PROXY: proxy,
    http_proxy: proxy,
    NO_PROXY: local,
    no_proxy: local,
    NODE_USE_ENV_PROXY: '1',
    NODE_EXTRA_CA_CERTS: trusted,
    SSL_CERT_FILE: trusted, // Go, OpenSSL
    GIT_SSL_CAINFO: trusted,
    CURL_CA_BUNDLE: trusted,
    AWS_CA_BUNDLE: trusted,
  };
}

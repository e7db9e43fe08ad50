import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import {
  checkServerIdentity,
  connect,
  getCACertificates,
  type PeerCertificate,
  type TLSSocket,
} from 'node:tls';
import type { Claims, Probe } from './plan.ts';

/** Where the ingress is. Names are not looked up: what DNS says of them is no part of the question. */
export interface Ingress {
  address: string;
  httpsPort: number;
  httpPort: number;
  /** How long one question may take, in milliseconds. */
  patience: number;
}

/** The certificate that was shown, and what Node thinks of it. */
export interface Shown {
  kind: 'certificate';
  subject: string;
  issuer: string;
  names: string[];
  expiresAt: Date;
  /** Why the chain is not trusted, by OpenSSL's code: `CERT_HAS_EXPIRED`, `SELF_SIGNED_CERT_IN_CHAIN`. */
  distrust?: string;
  /** Whether it is for this host. */
  fits: boolean;
}

export interface Answer {
  kind: 'answer';
  status: number;
  location?: string;
  /** The beginning of it. */
  body: string;
}

/** There was no answer. */
export interface Silence {
  kind: 'silence';
  /** `refused`, `timeout`, or what Node calls it. */
  reason: string;
}

export type Outcome = Shown | Answer | Silence;

/** The identity headers that Traefik takes from the user-manager alone, as a stranger would make them up. */
const made: Record<Claims, Record<string, string>> = {
  none: {},
  headers: { 'X-Auth-User': 'slipway-probe', 'X-Auth-Role': 'admin', 'X-Auth-Assertion': 'made-up' },
  // Some servers make one name of both: https://doc.traefik.io/traefik/ has underscoreHeadersStrategy against it.
  underscores: { X_Auth_User: 'slipway-probe', X_Auth_Role: 'admin', X_Auth_Assertion: 'made-up' },
};

/** Asks one question. An outcome whatever happens, never an exception. */
export function ask(ingress: Ingress, probe: Probe): Promise<Outcome> {
  const { host } = probe;
  if (probe.kind === 'certificate') return inspect(ingress, host);
  if (probe.kind === 'redirect') return send(ingress, false, { method: 'GET', path: '/', headers: { host } });
  const claims = probe.kind === 'guarded' ? made[probe.claims] : {};
  // JSON: who asks for a page may be sent to a form instead of being refused.
  const headers = { host, accept: 'application/json', 'user-agent': 'slipway', ...claims };
  return send(ingress, true, { method: probe.method, path: probe.path, headers });
}

// The machine's authorities too, and those of NODE_EXTRA_CA_CERTS. Read once: some systems take their time.
let authorities: string[] | undefined;
const trusted = (): string[] => {
  authorities ??= [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
  return authorities;
};

function inspect({ address, httpsPort, patience }: Ingress, host: string): Promise<Outcome> {
  return new Promise(resolve => {
    const socket = connect({
      ...{ host: address, port: httpsPort, servername: host, ca: trusted() },
      // Looked at here: a certificate that is not trusted is an outcome as well.
      ...{ rejectUnauthorized: false, checkServerIdentity: () => undefined },
    });
    const end = (outcome: Outcome) => {
      socket.destroy();
      resolve(outcome);
    };
    socket.setTimeout(patience, () => end({ kind: 'silence', reason: 'timeout' }));
    socket.once('error', error => end(silence(error)));
    socket.once('secureConnect', () => end(shown(socket, host)));
  });
}

function shown(socket: TLSSocket, host: string): Shown {
  const certificate = socket.getPeerCertificate();
  const distrust = socket.authorizationError as unknown as string | Error | undefined;
  return {
    kind: 'certificate',
    subject: commonName(certificate.subject),
    issuer: commonName(certificate.issuer),
    names: (certificate.subjectaltname ?? '').split(', ').map(name => name.replace(/^DNS:/, '')),
    expiresAt: new Date(certificate.valid_to),
    ...(distrust && { distrust: String(distrust instanceof Error ? distrust.message : distrust) }),
    fits: checkServerIdentity(host, certificate) === undefined,
  };
}

const commonName = (name: PeerCertificate['subject'] | undefined): string =>
  [name?.CN ?? name?.O ?? 'no name'].flat().join();

function send(ingress: Ingress, secure: boolean, options: RequestOptions): Promise<Outcome> {
  const { address, httpsPort, httpPort, patience } = ingress;
  const host = String((options.headers as Record<string, string>).host);
  return new Promise(resolve => {
    const common = { ...options, host: address, signal: AbortSignal.timeout(patience), setHost: false };
    // Agents of its own: the common ones go through the proxy of the environment.
    const outgoing = secure
      ? httpsRequest({
          ...{ ...common, port: httpsPort, servername: host, agent: new Agent({ keepAlive: false }) },
          // What the certificate is worth is a question of its own, and nothing secret is sent.
          rejectUnauthorized: false,
        })
      : httpRequest({ ...common, port: httpPort, agent: new HttpAgent({ keepAlive: false }) });
    outgoing.once('error', error => resolve(silence(error)));
    outgoing.once(
      'response',
      response => void read(response).then(resolve, error => resolve(silence(error))),
    );
    outgoing.end();
  });
}

const enough = 4096;

async function read(response: IncomingMessage): Promise<Answer> {
  let body = '';
  for await (const chunk of response) {
    body += chunk;
    if (body.length >= enough) break;
  }
  const { statusCode = 0, headers } = response;
  return {
    kind: 'answer',
    status: statusCode,
    body,
    ...(headers.location && { location: headers.location }),
  };
}

function silence(error: Error & { code?: string }): Silence {
  if (error.code === 'ECONNREFUSED') return { kind: 'silence', reason: 'refused' };
  if (error.name === 'AbortError' || error.code === 'ETIMEDOUT')
    return { kind: 'silence', reason: 'timeout' };
  return { kind: 'silence', reason: error.code ?? error.message };
}

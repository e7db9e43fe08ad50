import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Authority, certificateAuthority, type Pair, type Subject } from '../certificates.ts';
import { onFreePort } from '../ports.ts';
import type { Child, Run, StartOptions } from '../run.ts';
import { tool } from '../tools/build.ts';
import type { ToolName } from '../tools/parts.ts';
import { type Api, apiClient, expectOk } from './api.ts';
import * as flags from './flags.ts';
import { kubeconfig } from './kubeconfig.ts';

/** Where a control plane runs, and how it is reached there. */
export interface Place {
  name: string;
  address: string;
  /** A free port of 127.0.0.1 unless told. */
  port?: number;
  /** What its certificate is good for besides its address. */
  aliases: string[];
  /** Goes before each command: how to get there. */
  enter: string[];
  /** The API server's flags that depend on the place. */
  apiServer: string[];
}

/** What all control planes have. Their nodes are whoever's job it is that asks for one. */
export interface Kubernetes {
  endpoint: string;
  authority: Authority;
  api: Api;
  kubeconfig(subject: Subject): Promise<string>;
  /** Where its processes run and find their files. */
  folder: string;
  /** A file in the folder, for its owner alone; returns its path. */
  write(file: string, content: string): string;
  /** Starts one more process of this cluster, in its folder. */
  start(part: ToolName, args: string[], options?: StartOptions): Promise<Child>;
  /** Ends all that was started here, and removes the folder. */
  stop(): Promise<void>;
}

const administrator: Subject = { user: 'sandbox', groups: ['system:masters'], ttlSeconds: 90 * 24 * 60 * 60 };

/** etcd, API server, controller manager and scheduler. Only the API server listens on a port. */
export async function kubernetes(run: Run, place: Place): Promise<Kubernetes> {
  const kubernetes = await apiServer(run, place);
  await startControllers(kubernetes);
  return kubernetes;
}

/** Without the controllers: what is created stands there, and nothing comes of it until they are started. */
export async function apiServer(run: Run, place: Place): Promise<Kubernetes> {
  const { name, address } = place;
  const folder = join(run.folder, name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const write = (file: string, content: string) => {
    writeFileSync(join(folder, file), content, { mode: 0o600 });
    return join(folder, file);
  };

  const authority = await certificateAuthority(`Slipway sandbox: ${name}`);
  const server = await authority.server([address, ...place.aliases]);
  const client = await authority.client(administrator);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  write('ca.pem', authority.certificate);
  write('server.pem', server.certificate);
  write('server-key.pem', server.key);
  write('client.pem', client.certificate);
  write('client-key.pem', client.key);
  write('service-accounts.pem', privateKey.export({ type: 'sec1', format: 'pem' }) as string);

  const children: Child[] = [];
  async function start(part: ToolName, args: string[], options: StartOptions = {}): Promise<Child> {
    const [command = '', ...rest] = [...place.enter, await tool(part), ...args];
    const child = await run.start(`${name}-${part}`, command, rest, { cwd: folder, ...options });
    children.push(child);
    return child;
  }

  await start('etcd', flags.etcd, { ready: () => access(join(folder, flags.etcdSocket)) });
  async function startApiServer(port: number) {
    const endpoint = `https://${address}:${port}`;
    const api = apiClient(endpoint, authority.certificate, client);
    await start('kube-apiserver', [...flags.apiServer(port), ...place.apiServer], {
      ready: () => expectOk(api('GET', '/readyz')),
      seconds: 90, // three on an idle machine, but it reads and compiles more than all others together
    });
    return { endpoint, api };
  }
  const { endpoint, api } = await (place.port ? startApiServer(place.port) : onFreePort(startApiServer));

  const config = ({ user }: Subject, pair: Pair) =>
    kubeconfig(name, endpoint, authority.certificate, user, pair);
  write('admin.yaml', config(administrator, client));

  return {
    ...{ endpoint, authority, api, folder, write, start },
    kubeconfig: async subject => config(subject, await authority.client(subject)),
    async stop() {
      await Promise.all(children.map(child => child.stop()));
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

export async function startControllers({ api, start }: Kubernetes): Promise<void> {
  const account = '/api/v1/namespaces/default/serviceaccounts/default';
  await Promise.all([
    // Its first visible work, and what pods cannot be made without.
    start('kube-controller-manager', flags.controllerManager, { ready: () => expectOk(api('GET', account)) }),
    start('kube-scheduler', flags.scheduler),
  ]);
}

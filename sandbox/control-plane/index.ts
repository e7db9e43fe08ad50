import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { certificateAuthority, type Pair, type Subject } from '../certificates.ts';
import { onFreePort } from '../ports.ts';
import type { Child, Run } from '../run.ts';
import { tool } from '../tools/build.ts';
import { type Api, apiClient, expectOk } from './api.ts';
import * as flags from './flags.ts';
import { kubeconfig } from './kubeconfig.ts';
import { setNodes } from './nodes.ts';

export interface ControlPlane {
  /** `https://127.0.0.1:PORT` */
  endpoint: string;
  /** The authority that signs the server's and all clients' certificates, in PEM. */
  ca: string;
  /** As YAML, with the certificates in it; when its time is over it opens nothing any more. */
  kubeconfig(subject: Subject): Promise<string>;
  /** The API as a member of `system:masters`. */
  api: Api;
  /** Makes the nodes of a pool exactly these; with none, the pool is gone. */
  setNodes(pool: string, names: string[]): Promise<void>;
  /** Ends it, with all that was in it. */
  stop(): Promise<void>;
}

const administrator: Subject = { user: 'sandbox', groups: ['system:masters'], ttlSeconds: 90 * 24 * 60 * 60 };

// Installing Argo CD makes garbage much faster than a small cluster keeps anything: a third of the API server's time went
// into collecting it. Costs memory for as long as there is much to do.
const collectLess = { GOGC: '200' };

/**
 * A real Kubernetes without machines: etcd, API server, controller manager and scheduler, with kwok in the place of the
 * kubelets. Only the API server listens on a port; etcd is behind a socket in the run's folder.
 */
export async function controlPlane(run: Run, { name }: { name: string }): Promise<ControlPlane> {
  const folder = join(run.folder, name);
  mkdirSync(folder, { mode: 0o700 });
  const write = (name: string, content: string) =>
    writeFileSync(join(folder, name), content, { mode: 0o600 });

  const authority = await certificateAuthority(`Slipway sandbox: ${name}`);
  const server = await authority.server(['127.0.0.1']);
  const client = await authority.client(administrator);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  write('ca.pem', authority.certificate);
  write('server.pem', server.certificate);
  write('server-key.pem', server.key);
  write('service-accounts.pem', privateKey.export({ type: 'sec1', format: 'pem' }) as string);

  const children: Child[] = [];
  async function start(part: Parameters<typeof tool>[0], args: string[], ready?: () => Promise<unknown>) {
    const options = { cwd: folder, ...(ready && { ready }) };
    children.push(
      await run.start(`${name}-${part}`, await tool(part), args, { ...options, env: collectLess }),
    );
  }

  await start('etcd', flags.etcd, () => access(join(folder, flags.etcdSocket)));
  const { endpoint, api } = await onFreePort(async port => {
    const endpoint = `https://127.0.0.1:${port}`;
    const api = apiClient(endpoint, authority.certificate, client);
    await start('kube-apiserver', flags.apiServer(port), () => expectOk(api('GET', '/readyz')));
    return { endpoint, api };
  });

  const config = ({ user }: Subject, pair: Pair) =>
    kubeconfig(name, endpoint, authority.certificate, user, pair);
  write('admin.yaml', config(administrator, client));
  const account = '/api/v1/namespaces/default/serviceaccounts/default';
  await Promise.all([
    // Its first visible work, and what pods cannot be made without.
    start('kube-controller-manager', flags.controllerManager, () => expectOk(api('GET', account))),
    start('kube-scheduler', flags.scheduler),
    start('kwok', flags.kwok),
  ]);

  return {
    endpoint,
    ca: authority.certificate,
    kubeconfig: async subject => config(subject, await authority.client(subject)),
    api,
    setNodes: (pool, names) => setNodes(api, pool, names),
    async stop() {
      await Promise.all(children.map(child => child.stop()));
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

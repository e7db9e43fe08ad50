import { execFile, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ControlPlane } from '../control-plane/index.ts';
import type { Run } from '../run.ts';
import { tool } from '../tools/build.ts';

const execute = promisify(execFile);

export interface Kubectl {
  (...args: string[]): Promise<string>;
  apply(...objects: object[]): Promise<string>;
}

/** kubectl as a member of `system:masters`. */
export async function kubectl(run: Run, cluster: ControlPlane): Promise<Kubectl> {
  const file = join(run.folder, `kubeconfig-${crypto.randomUUID()}`);
  const subject = { user: 'somebody', groups: ['system:masters'], ttlSeconds: 3600 };
  writeFileSync(file, await cluster.kubeconfig(subject), { mode: 0o600 });
  const command = await tool('kubectl');
  const options = { env: run.environment(), maxBuffer: 2 ** 26 };
  const call = async (...args: string[]) =>
    (await execute(command, ['--kubeconfig', file, ...args], options)).stdout.trim();
  const apply = async (...objects: object[]) => {
    const list = join(run.folder, `objects-${crypto.randomUUID()}.json`);
    writeFileSync(list, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
    return call('apply', '--server-side', '-f', list);
  };
  return Object.assign(call, { apply });
}

/** `kubectl port-forward` on a free port, until it is disposed of. */
export async function portForward(run: Run, cluster: ControlPlane, what: string, port: number) {
  const file = join(run.folder, `kubeconfig-${crypto.randomUUID()}`);
  const subject = { user: 'somebody', groups: ['system:masters'], ttlSeconds: 3600 };
  writeFileSync(file, await cluster.kubeconfig(subject), { mode: 0o600 });
  const args = ['--kubeconfig', file, 'port-forward', what, `:${port}`];
  const child = spawn(await tool('kubectl'), args, {
    env: run.environment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await new Promise<string>(resolve => child.stdout.once('data', data => resolve(String(data))));
  const local = /127\.0\.0\.1:(\d+)/.exec(line)?.[1];
  return { url: `http://127.0.0.1:${local}`, [Symbol.dispose]: () => void child.kill() };
}

/** A small web service, as a folder. */
export function service(run: Run, version: string): string {
  const folder = join(run.folder, `service-${version}`);
  mkdirSync(join(folder, 'node_modules/greeting'), { recursive: true });
  writeFileSync(
    join(folder, 'node_modules/greeting/index.js'),
    `module.exports = 'hello from ${version}';\n`,
  );
  writeFileSync(join(folder, 'main.js'), `(${program.toString()})()`);
  return folder;
}

/** Runs in the pod, and so knows nothing of this file. */
function program() {
  const { createServer } = require('node:http');
  const { lookup } = require('node:dns/promises');
  const { writeFileSync } = require('node:fs');
  const greeting = require('greeting');
  const attempt = async (work: () => unknown) => {
    const started = performance.now();
    try {
      return { value: await work(), milliseconds: performance.now() - started };
    } catch (error) {
      const { code, message, cause } = error as Error & { code?: string };
      return { error: code ?? (cause ? String(cause) : message), milliseconds: performance.now() - started };
    }
  };
  const eaten: Buffer[] = [];
  const paths: Record<string, (argument: string, client: string) => unknown> = {
    '/': (_, client) => ({ greeting, client, uid: process.getuid?.() }),
    '/lookup': name => attempt(() => lookup(name).then((found: { address: string }) => found.address)),
    '/fetch': url => attempt(() => fetch(url).then(answer => answer.text())),
    '/write': path => attempt(() => writeFileSync(path, 'x')),
    '/eat': megabytes => eaten.push(Buffer.alloc(Number(megabytes) * 2 ** 20, 1)),
  };
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
    const answer = await paths[pathname]?.(searchParams.get('q') ?? '', request.socket.remoteAddress ?? '');
    response.writeHead(answer === undefined ? 404 : 200).end(JSON.stringify(answer));
  });
  server.listen(8080, '0.0.0.0', () => console.log('listening'));
  process.once('SIGTERM', () => process.exit());
}

/** A Deployment and a Service that both Pod Security's `restricted` and Traefik's way in are content with. */
export const shop = (image: string, { memory = '128Mi', nodePort = 0 } = {}) => [
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'shop', labels: { app: 'shop' } },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'shop' } },
      strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: {
        metadata: { labels: { app: 'shop' } },
        spec: {
          automountServiceAccountToken: false,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 65532,
            runAsGroup: 65532,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [
            {
              name: 'shop',
              image,
              imagePullPolicy: 'Always',
              ports: [{ name: 'http', containerPort: 8080 }],
              readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 1 },
              livenessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 5 },
              resources: { limits: { memory } },
              volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }],
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
            },
          ],
          volumes: [{ name: 'scratch', emptyDir: {} }],
        },
      },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'shop' },
    spec: {
      type: 'NodePort',
      externalTrafficPolicy: 'Local',
      selector: { app: 'shop' },
      ports: [{ name: 'http', port: 80, targetPort: 'http', ...(nodePort && { nodePort }) }],
    },
  },
];

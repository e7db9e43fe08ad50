import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expectOk } from '../control-plane/api.ts';
import { kubeconfig } from '../control-plane/kubeconfig.ts';
import { type Kubernetes, kubernetes } from '../control-plane/kubernetes.ts';
import type { Run } from '../run.ts';
import { kubeRouterFlags } from './config.ts';
import { place } from './index.ts';
import { type Network, openNetwork } from './network.ts';
import { allowEnforcer, enforcer } from './policies.ts';

const execute = promisify(execFile);
const env = { PATH: `${process.env.PATH}:/usr/sbin:/sbin` };

/** A pod to the API server and to the network; in it runs nothing but who listens. */
export interface Pretended {
  namespace: string;
  name: string;
  labels: Record<string, string>;
  ports: { name?: string; containerPort: number }[];
}

/** A node that has pods' networks and enforces NetworkPolicies, and nothing else of a node. */
export interface PretendedNode {
  plane: Kubernetes;
  network: Network;
  /** Runs Node on the node itself, where it stays. */
  serve(script: string): Promise<unknown>;
  /** Returns the pod's address, and how Node is run in it. */
  pod(pod: Pretended): Promise<{ address: string; node(...args: string[]): Promise<string> }>;
  /** From here on policies are in force, as soon as they are known. */
  enforce(): Promise<unknown>;
  stop(): Promise<void>;
}

const name = 'node-1';
export const apiPort = 16443;
/** Where every cloud tells its machines about themselves. */
export const metadata = '169.254.169.254';

/** Listens on each port that it is told of. */
export const listener = (ports: readonly number[], host = '0.0.0.0'): string =>
  `for (const port of ${JSON.stringify(ports)})
    require('node:net').createServer(socket => socket.on('error', () => {}).end()).listen(port, '${host}');`;

/** Needs Linux, root and ipset, and of the tools a control plane's and kube-router. */
export async function pretendedNode(run: Run): Promise<PretendedNode> {
  const network = await openNetwork(run, 'policies');
  const [nsenter = '', ...into] = network.enter;
  const inside = async (...command: string[]) => execute(nsenter, [...into, ...command], { env });
  const gateway = network.pods.replace(/0\/21$/, '1');
  await inside('sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.bridge.bridge-nf-call-iptables=1');
  await inside('ip', 'link', 'set', 'lo', 'up');
  await inside('ip', 'address', 'add', `${metadata}/32`, 'dev', 'lo');
  await inside('ip', 'link', 'add', 'cni0', 'type', 'bridge');
  await inside('ip', 'address', 'add', `${gateway}/21`, 'dev', 'cni0');
  await inside('ip', 'link', 'set', 'cni0', 'up');

  // As SKS's: a port that no policy would think of.
  const plane = await kubernetes(run, { ...place('policies', network), port: apiPort });
  const { api } = plane;
  await expectOk(api('POST', '/api/v1/nodes', { metadata: { name } }));
  const addresses = [{ type: 'InternalIP', address: network.node }];
  await expectOk(api('PATCH', `/api/v1/nodes/${name}/status`, { status: { addresses } }));
  await allowEnforcer(api);

  let pods = 0;
  async function pod({ namespace, name: own, labels, ports }: Pretended) {
    const index = ++pods;
    const address = gateway.replace(/1$/, String(index + 1));
    const holder = await run.start(`pod-${index}`, 'unshare', ['--net', 'catatonit', '-P']);
    // Only when the holder has become catatonit is it certainly in a network of its own.
    for (const deadline = Date.now() + 30_000; !(await isPause(holder.pid)); await sleep(20))
      if (Date.now() > deadline) throw new Error('A network namespace was not made within 30 s');
    const enter = [`--net=/proc/${holder.pid}/ns/net`];
    const ip = (...args: string[]) => execute('nsenter', [...enter, 'ip', ...args], { env });
    const peer = ['peer', 'name', 'eth0', 'netns', String(holder.pid)];
    await inside('ip', 'link', 'add', `pod${index}`, 'type', 'veth', ...peer);
    await inside('ip', 'link', 'set', `pod${index}`, 'master', 'cni0', 'up');
    await ip('link', 'set', 'lo', 'up');
    await ip('address', 'add', `${address}/21`, 'dev', 'eth0');
    await ip('link', 'set', 'eth0', 'up');
    await ip('route', 'add', 'default', 'via', gateway);
    const script = listener(ports.map(({ containerPort }) => containerPort));
    await run.start(`pod-${index}-listener`, 'nsenter', [...enter, process.execPath, '-e', script]);

    const path = `/api/v1/namespaces/${namespace}/pods`;
    const containers = [{ name: 'main', image: 'none', ports }];
    const spec = { nodeName: name, automountServiceAccountToken: false, containers };
    await expectOk(api('POST', path, { metadata: { name: own, labels }, spec }));
    const status = { phase: 'Running', hostIP: network.node, podIP: address, podIPs: [{ ip: address }] };
    const hostIPs = [{ ip: network.node }];
    await expectOk(api('PATCH', `${path}/${own}/status`, { status: { ...status, hostIPs } }));
    const node = async (...args: string[]) =>
      (await execute('nsenter', [...enter, process.execPath, ...args], { env })).stdout;
    return { address, node };
  }

  return {
    ...{ plane, network, pod },
    serve: script => run.start('node-listener', nsenter, [...into, process.execPath, '-e', script]),
    async enforce() {
      const pair = await plane.authority.client({ user: enforcer, groups: [], ttlSeconds: 3600 });
      const { authority, endpoint, folder } = plane;
      plane.write(
        'kube-router.yaml',
        kubeconfig('policies', endpoint, authority.certificate, enforcer, pair),
      );
      return plane.start('kube-router', kubeRouterFlags({ folder, name, services: network.services }), {
        env,
      });
    },
    async stop() {
      await plane.stop();
      await network.stop();
    },
  };
}

const isPause = async (pid: number) =>
  (await execute('readlink', [`/proc/${pid}/exe`]).catch(() => ({ stdout: '' }))).stdout.includes(
    'catatonit',
  );
